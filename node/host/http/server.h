// The HTTP/1.1 server of the API: on a UNIX socket, on a TCP port, and over relays from other
// nodes.
//
// Runs wholly on the thread of the io_context. What reaches the handler is a whole request of a
// caller who may ask; everything else is answered here, with the error body of docs/api.md. The
// handler gets a function to answer with, which may be called later, on the loop's thread; a second
// call does nothing, and dropping it unused answers 503.
//
// Everything a caller can make grow is bounded by HttpLimits. Destroying it closes everything and
// calls nothing.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/result.h"
#include "node/host/http/connection.h"
#include "node/host/net/pipe.h"

#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace shoal::host::http {

class HttpServer {
public:
    HttpServer(asio::io_context& loop, const HttpLimits& limits, Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Mode 0660, group `shoal` if there is one. Conflict: another process listens there.
    [[nodiscard]] Result<void> listen_unix(const std::string& path);

    // Returns where it listens, with the real port. Refused: an empty token; Malformed: an address
    // that is not a literal one; Conflict: the port is in use.
    [[nodiscard]] Result<Endpoint> listen_tcp(const Endpoint& at, std::string_view bearer_token);

    // The same over a pipe another node has opened; `from` as the transport has proved it.
    void serve(std::shared_ptr<Pipe> pipe, const NodeId& from);

    // Open ones, with those being turned away.
    [[nodiscard]] std::size_t connections() const;

    [[nodiscard]] const HttpCounters& counters() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace shoal::host::http
