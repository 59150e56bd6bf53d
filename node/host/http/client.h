// Asks another node's API over a pipe: how `?node=NAME` is answered.
#pragma once

#include "node/base/result.h"
#include "node/host/http/message.h"
#include "node/host/net/pipe.h"

#include <asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace shoal::host::http {

struct ForwardLimits {
    std::size_t answer_max = 64U << 20U;
    // For all of it. Longer than the longest wait a request may ask for (30 s).
    std::chrono::milliseconds deadline{40'000};
};

using Forwarded = std::function<void(Result<Response>)>;

// Sends the method, path, query and body, and of the headers only Accept and Content-Type: what the
// caller showed to get in here is not the other node's affair. The caller has taken `node` out of
// the query, or the request would be relayed again there.
//
// `done` is called once, later. TimedOut: no whole answer by the deadline; TooLarge: an answer over
// the limit; Malformed: no answer in HTTP; Unavailable: the pipe broke before the answer.
void forward(asio::io_context& loop, std::shared_ptr<Pipe> pipe, const Request& request,
             const ForwardLimits& limits, Forwarded done);

}  // namespace shoal::host::http
