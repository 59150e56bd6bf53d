#include "node/host/containerd/service_names.h"

#include "node/base/host_name.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace shoal::host::ctrd {
namespace {

network::FarPort far_port(const placement::ServedPort& port) {
    const bool udp = port.port.protocol == placement::Protocol::Udp;
    return {udp ? network::Protocol::Udp : network::Protocol::Tcp, port.port.number,
            port.host_port};
}

std::optional<network::Replica> replica_of(const ServedReplica& from,
                                           const NameContainer& name_of) {
    network::Replica out;
    for (const auto& port : from.ports) {
        if (port.port.number != 0 && port.host_port != 0) out.ports.push_back(far_port(port));
    }
    if (from.here) {
        out.container = name_of(from.container);
        return out;
    }
    const auto address = network::parse_ipv4(from.address);
    if (!address) return std::nullopt;
    out.node = *address;
    return out;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

class Names {
public:
    void add(const std::string& name, std::optional<network::Ipv4> address) {
        // Whoever looks them up does not tell capitals.
        if (!address || !is_host_name(name) || !taken_.insert(lower(name)).second) return;
        out_.push_back({name, *address});
    }

    [[nodiscard]] std::vector<network::HostName> take() { return std::move(out_); }

private:
    std::set<std::string> taken_{"localhost"};
    std::vector<network::HostName> out_;
};

}  // namespace

std::vector<network::Project> projects_of(const ServiceTable& table, const NameContainer& name_of) {
    std::vector<network::Project> out;
    for (const auto& project : table.projects) {
        network::Project one{.name = project.name};
        for (const auto& id : project.containers)
            one.containers.push_back(name_of(id));
        for (const auto& service : project.services) {
            network::Service named{.name = service.name};
            for (const auto& replica : service.replicas) {
                if (auto known = replica_of(replica, name_of)) named.replicas.push_back(*known);
            }
            one.services.push_back(std::move(named));
        }
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<network::Ipv4> members_of(const ServiceTable& table) {
    std::vector<network::Ipv4> out;
    for (const auto& member : table.members) {
        if (const auto address = network::parse_ipv4(member)) out.push_back(*address);
    }
    return out;
}

std::vector<network::HostName> host_names(const ServiceTable& table, const std::string& job,
                                          const ServiceAddress& address_of) {
    const std::string name{placement::project_of(job)};
    const auto project = std::find_if(table.projects.begin(), table.projects.end(),
                                      [&](const NamedProject& one) { return one.name == name; });
    if (project == table.projects.end()) return {};
    Names names;
    if (const auto links = project->links.find(job); links != project->links.end()) {
        for (const auto& [alias, service] : links->second)
            names.add(alias, address_of(name, service));
    }
    for (const auto& service : project->services)
        names.add(service.name, address_of(name, service.name));
    for (const auto& service : project->services) {
        for (const auto& alias : service.aliases)
            names.add(alias, address_of(name, service.name));
    }
    return names.take();
}

}  // namespace shoal::host::ctrd
