// Where a node can be reached: a literal IP address and one port, for UDP and TCP alike.
//
// An attribute of a node, never its identity: addresses change and are reused.
#pragma once

#include "node/base/fields.h"
#include "node/base/result.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace shoal {

struct Endpoint {
    std::string ip{};  // "10.0.0.7" or "fd00::7", no brackets; empty = unknown
    std::uint16_t port = 0;

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

auto fields(Is<Endpoint> auto& endpoint) {
    return std::tie(endpoint.ip, endpoint.port);
}

// "10.0.0.7:7373", "[fd00::7]:7373".
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

}  // namespace shoal
