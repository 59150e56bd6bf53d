// Which address each service has on this node: chosen once, kept as long as a container of its
// project is here, over restarts of the agent too.
#pragma once

#include "node/host/network/services.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace shoal::network {

// Also the members of the cluster as last told, so that a restart shuts nobody out meanwhile.
struct ServiceMemory {
    using Name = std::pair<std::string, std::string>;  // project, service

    std::map<Name, Ipv4> addresses{};
    std::vector<Ipv4> members{};  // sorted

    friend bool operator==(const ServiceMemory&, const ServiceMemory&) = default;
};

[[nodiscard]] std::string write_memory(const ServiceMemory& memory);
// What cannot be read is forgotten: addresses are chosen anew.
[[nodiscard]] ServiceMemory read_memory(const std::string& text);

// Gives those without an address one of `range`, and forgets projects that are here no more.
// Returns the services that had to go without: the range is full.
[[nodiscard]] std::vector<ServiceMemory::Name> give_addresses(ServiceMemory& memory,
                                                              const Subnet& range,
                                                              const std::vector<Project>& projects);

}  // namespace shoal::network
