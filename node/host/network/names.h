// What the kernel's things of one node are called. All names follow from the node's id, so that
// several nodes share a host without meeting, and a new run recognises what a killed one left.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/network/ipv4.h"

#include <string>
#include <string_view>

namespace shoal::network {

// The kernel's limit for a link, without the closing zero.
inline constexpr std::size_t kLinkNameMax = 15;

struct Names {
    std::string bridge{};       // "shoal-7f3a91c2"
    std::string table{};        // "shoal_7f3a91c2", in family ip; a dash would not parse
    std::string services{};     // "shoal_7f3a91c2_services": a table of its own
    std::string tag{};          // comment of our rules in tables of others
    std::string link_prefix{};  // "v7f3a91c2-": the host's ends of the containers' links
};

[[nodiscard]] Names names_of(const NodeId& node);

// The host's end for the container that has `address`: the prefix and the address's place in the
// subnet, four hex digits. One address, one name: a link that exists is an address in use.
[[nodiscard]] std::string link_name(const Names& names, const Subnet& subnet, Ipv4 address);

// Locally administered and made from the address: whoever inherits an address inherits its
// hardware address too, and no neighbour's table is stale.
[[nodiscard]] std::string hardware_address(Ipv4 address);  // six raw bytes

// Refused: not usable as a file name (letters, digits, "_", "-", "."; at most 128; no leading dot).
[[nodiscard]] Result<void> check_container_id(std::string_view id);

}  // namespace shoal::network
