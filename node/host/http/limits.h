// What the server grants to whoever connects, and what it counts.
#pragma once

#include "node/host/http/message_parser.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace shoal::host::http {

struct HttpLimits {
    MessageLimits message{};

    // All doors together. The last ones are kept for the UNIX socket, so that strangers at the TCP
    // port cannot keep the person out who would put an end to it.
    std::size_t connections_max = 1024;
    std::size_t connections_for_unix = 64;
    // Over the limit and being told so; beyond that a connection is closed without a word.
    std::size_t turned_away_max = 32;
    // Bytes of requests in memory, all connections together.
    std::size_t held_max = 64U << 20U;

    std::chrono::milliseconds head_timeout{10'000};     // first byte (or accept) to end of head
    std::chrono::milliseconds request_timeout{60'000};  // likewise to the end of the body
    std::chrono::milliseconds idle_timeout{60'000};     // between two requests
    std::chrono::milliseconds answer_timeout{90'000};   // the handler; then 504
    std::chrono::milliseconds send_timeout{30'000};     // each piece of an answer
    // After the last answer, what the caller still sends is read and thrown away for so long:
    // closing at once would reset the connection and take the answer with it.
    std::chrono::milliseconds linger_timeout{2'000};
    std::size_t linger_bytes_max = 4U << 20U;
    std::chrono::milliseconds accept_backoff{100};  // after an accept failed: no descriptors left
};

struct HttpCounters {
    std::uint64_t accepted = 0;
    std::uint64_t accept_failures = 0;
    std::uint64_t turned_away = 0;  // over the limit of connections
    std::uint64_t requests = 0;     // given to the handler
    std::uint64_t refused = 0;      // answered without asking the handler
    std::uint64_t closed = 0;       // connections that have ended
};

}  // namespace shoal::host::http
