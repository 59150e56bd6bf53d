#include "node/host/network/services.h"

#include <optional>

namespace shoal::network {

Translation translation_of(const Project& project, const Service& service, Ipv4 address,
                           const std::map<std::string, Ipv4>& here) {
    const auto address_of = [&](const std::string& container) -> std::optional<Ipv4> {
        const auto found = here.find(container);
        if (found == here.end()) return std::nullopt;
        return found->second;
    };
    Translation out{.address = address};
    for (const std::string& container : project.containers) {
        if (const auto source = address_of(container)) out.sources.push_back(*source);
    }
    for (const Replica& replica : service.replicas) {
        for (const FarPort& port : replica.ports) {
            auto& targets = out.ports[{port.protocol, port.container_port}];
            if (replica.container.empty()) targets.push_back({replica.node, port.host_port});
        }
        if (const auto local = address_of(replica.container)) out.any.push_back({*local, 0});
    }
    // A replica of this node has every port that one elsewhere has, and takes its share.
    for (auto& [port, targets] : out.ports) {
        for (const Target& local : out.any)
            targets.push_back({local.address, port.second});
    }
    std::erase_if(out.ports, [](const auto& port) { return port.second.empty(); });
    return out;
}

}  // namespace shoal::network
