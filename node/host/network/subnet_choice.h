// Which subnet the bridge of a node gets when nobody says.
//
// Any subnet does that the host cannot reach some other way: translation hides it from everybody
// else, and two nodes may well have the same. They start looking at different places all the same,
// because an address that belongs to one node only is easier to recognise in a capture.
#pragma once

#include "node/host/network/ipv4.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::network {

// A destination the host has a route to, and the link that leads there.
struct Taken {
    Subnet subnet{};
    std::string link{};
};

inline constexpr unsigned kBridgePrefix = 24;
inline constexpr unsigned kServicesPrefix = 22;

// A part of private space that overlaps none of `taken`; the search starts where `seed` says and
// sees every candidate. Nothing: all are taken.
[[nodiscard]] std::optional<Subnet> choose_subnet(std::uint64_t seed,
                                                  const std::vector<Taken>& taken,
                                                  unsigned prefix = kBridgePrefix);

// Conflict: overlaps a route, which is named with its link. `kind`: "bridge" or "service".
[[nodiscard]] Result<void> check_free(const Subnet& wanted, const std::vector<Taken>& taken,
                                      const std::string& kind = "bridge");

// An address for a container: the next after `last` that is not in `used` (sorted), beginning anew
// at the end. So an address rests as long as possible before somebody else gets it. Nothing: full.
[[nodiscard]] std::optional<Ipv4> choose_address(const Subnet& subnet, Ipv4 last,
                                                 const std::vector<Ipv4>& used);

}  // namespace shoal::network
