// A Pipe over a Stream.
#pragma once

#include "node/host/net/pipe.h"
#include "node/host/net/stream.h"

#include <deque>
#include <optional>

namespace shoal::host {

class StreamPipe final : public Pipe, public std::enable_shared_from_this<StreamPipe> {
public:
    StreamPipe(asio::io_context& loop, std::shared_ptr<Stream> stream)
        : loop_(loop), stream_(std::move(stream)) {}

    ~StreamPipe() override;
    StreamPipe(const StreamPipe&) = delete;
    StreamPipe& operator=(const StreamPipe&) = delete;

    [[nodiscard]] NodeId peer() const override { return stream_->peer(); }

    void read(Read done) override;
    void write(Bytes bytes, Written done) override;
    void finish() override;
    void close() override;

    // What the stream tells.
    void on_data(Bytes bytes);
    void on_goodbye();
    void on_drained();
    void on_end(const std::string& why);

private:
    void serve();

    asio::io_context& loop_;
    std::shared_ptr<Stream> stream_;
    std::deque<Bytes> received_;
    std::size_t held_ = 0;
    bool over_ = false;                // the peer has finished
    std::optional<std::string> gone_;  // the connection is gone, and why
    bool finished_ = false;
    Read reader_;
    Written writer_;
};

}  // namespace shoal::host
