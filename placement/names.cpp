#include "placement/names.h"

#include "node/base/host_name.h"
#include "placement/job.h"

#include <algorithm>

namespace shoal::placement {
namespace {

// Reaches a port of the container from the other nodes.
bool is_for_nodes(const PortWish& wish) {
    return wish.reach != PortReach::Published || is_any_address(wish.host_ip);
}

}  // namespace

std::string to_string(const PlainPort& port) {
    return std::to_string(port.number) + (port.protocol == Protocol::Udp ? "/udp" : "/tcp");
}

std::string_view project_of(std::string_view job) {
    const auto slash = job.find('/');
    return slash == std::string_view::npos ? std::string_view{} : job.substr(0, slash);
}

std::string_view service_of(std::string_view job) {
    const auto slash = job.find('/');
    return slash == std::string_view::npos ? job : job.substr(slash + 1);
}

Result<void> validate(const Naming& naming) {
    if (naming.aliases.size() > kAliasesMax || naming.links.size() > kAliasesMax) {
        return fail(Errc::TooLarge, "more than 64 aliases or links");
    }
    const auto no_name = [](const std::string& member, const std::string& name) {
        return fail(Errc::Malformed, member + ": '" + name.substr(0, kHostNameMax) +
                                         "' is not 1 to 63 letters, digits, '.', '_' and '-'");
    };
    for (const auto& alias : naming.aliases) {
        if (!is_host_name(alias)) return no_name("aliases", alias);
    }
    for (const auto& [name, job] : naming.links) {
        if (!is_host_name(name)) return no_name("links", name);
        if (!is_job_name(job)) {
            return fail(Errc::Malformed,
                        "links: '" + job.substr(0, kHostNameMax) + "' is not the name of a job");
        }
    }
    return {};
}

void imply_ports(JobSpec& spec, const std::vector<PlainPort>& image) {
    auto& ports = spec.container.ports;
    std::erase_if(ports, [](const PortWish& wish) { return wish.reach == PortReach::Implied; });
    if (project_of(spec.name).empty()) return;
    auto wanted = image;
    for (const PortWish& wish : ports)
        wanted.push_back({wish.container_port, wish.protocol});
    for (const PlainPort& port : wanted) {
        const bool known = std::any_of(ports.begin(), ports.end(), [&](const PortWish& wish) {
            return is_for_nodes(wish) && PlainPort{wish.container_port, wish.protocol} == port;
        });
        if (known || port.number == 0 || ports.size() >= kPortsMax) continue;
        ports.push_back({.container_port = port.number,
                         .protocol = port.protocol,
                         .reach = PortReach::Implied});
    }
}

}  // namespace shoal::placement
