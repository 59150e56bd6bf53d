// The cluster's services in the words of the network, and the names a container finds them by.
// Pure.
#pragma once

#include "node/host/network/resolv.h"
#include "node/host/network/services.h"
#include "node/host/runtime/service_table.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::ctrd {

using NameContainer = std::function<std::string(const placement::ContainerId&)>;

// Replicas on nodes whose address is not IPv4 are left out: containers have no other.
[[nodiscard]] std::vector<network::Project> projects_of(const ServiceTable& table,
                                                        const NameContainer& name_of);
[[nodiscard]] std::vector<network::Ipv4> members_of(const ServiceTable& table);

using ServiceAddress = std::function<std::optional<network::Ipv4>(const std::string& project,
                                                                  const std::string& service)>;

// For /etc/hosts of the containers of one job: its links, then its siblings by their own names,
// then by their aliases. A name stands once, for the first that has it.
[[nodiscard]] std::vector<network::HostName> host_names(const ServiceTable& table,
                                                        const std::string& job,
                                                        const ServiceAddress& address_of);

}  // namespace shoal::host::ctrd
