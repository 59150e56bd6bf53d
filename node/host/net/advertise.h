// Which address a node tells the others to reach it at.
//
// Told by --advertise or --bind, that one. Otherwise the source address the kernel would use
// towards the seed (a founder: towards the default route), unless it is of the kind that works on
// this host only: loopback, 127.0.1.1, link-local, a bridge. If that gives none, the one other
// address of the host; if there are several, no guess is made: a wrong one makes a node that can
// speak and not be spoken to, which is worse than one that does not start.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace shoal::host {

struct Interface {
    std::string name{};
    std::string ip{};
    bool up = true;
    bool loopback = false;
    bool bridge = false;
};

struct AdvertiseQuestion {
    std::string advertise{};             // as told; an address, empty: not told
    std::string bind{};                  // as told; empty or a wildcard: not told
    std::optional<std::string> route{};  // the kernel's source address, if it has a route
    std::vector<Interface> interfaces{};
};

// Pure. Refused: nothing fits or more than one does; the text lists the candidates.
[[nodiscard]] Result<std::string> choose_advertised(const AdvertiseQuestion& question);

// One entry per address of this host.
[[nodiscard]] std::vector<Interface> list_interfaces();

// The source address of the route to `seed`, of the default route without one. Sends nothing.
[[nodiscard]] std::optional<std::string> route_source(const std::optional<Endpoint>& seed);

}  // namespace shoal::host
