// The subnets of a node, of its bridge and of the addresses of services: decided once and
// remembered in the data directory. Containers keep their addresses while the agent restarts, and
// programs the answers they once got, so both must come back the same.
#pragma once

#include "node/host/network/links.h"
#include "node/host/network/publication.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::network {

struct SubnetWish {
    std::string file{};            // where it is remembered
    std::string given{};           // --bridge-subnet; empty: none
    std::string given_services{};  // --service-subnet
    std::string bridge{};          // routes through it do not count as taken
    std::uint64_t seed = 0;
};

struct Subnets {
    Subnet bridge{};
    Subnet services{};
};

// `alive`: containers that have addresses already. Conflict: what was given overlaps a route, or is
// not where the living ones are; both are named. Unavailable: nothing is free.
[[nodiscard]] Result<Subnets> decide_subnets(Netlink& kernel, const SubnetWish& wish,
                                             const std::vector<Record>& alive);

}  // namespace shoal::network
