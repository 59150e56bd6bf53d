// A Pipe over a connected socket, UNIX or TCP, so that one connection logic serves both and relays.
//
// It waits for readiness and then reads or writes without blocking: a connection that only waits
// costs no buffer, and dropping the pipe leaves no operation behind that could touch it.
#pragma once

#include "node/host/net/pipe.h"

#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>

#include <cstddef>
#include <memory>

namespace shoal::host::http {

class SocketPipe final : public Pipe, public std::enable_shared_from_this<SocketPipe> {
public:
    using Socket = asio::generic::stream_protocol::socket;

    SocketPipe(asio::io_context& loop, Socket socket);

    // Zero: a socket's peer is no node.
    [[nodiscard]] NodeId peer() const override { return {}; }

    void read(Read done) override;
    void write(Bytes bytes, Written done) override;
    void finish() override;
    void close() override;

private:
    void await_bytes();
    void on_readable(const asio::error_code& error);
    void break_read();
    void pump();
    void on_writable(const asio::error_code& error);
    void answer_write(Result<void> out);
    void shut_down();

    asio::io_context& loop_;
    Socket socket_;
    Read reader_;
    Written writer_;
    Bytes out_;
    std::size_t written_ = 0;
    bool finished_ = false;
};

}  // namespace shoal::host::http
