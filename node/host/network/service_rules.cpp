#include "node/host/network/service_rules.h"

#include "node/host/network/rules.h"

#include <algorithm>

namespace shoal::network {
namespace {

std::string to_text(const Target& target, const char* between) {
    return target.port == 0 ? to_string(target.address)
                            : to_string(target.address) + between + std::to_string(target.port);
}

// One of them by chance, decided for each connection.
std::string destination(const std::vector<Target>& targets) {
    if (targets.size() == 1) return to_text(targets.front(), ":");
    std::string out = "numgen random mod " + std::to_string(targets.size()) + " map { ";
    for (std::size_t i = 0; i < targets.size(); ++i) {
        out += (i == 0 ? "" : ", ") + std::to_string(i) + " : " + to_text(targets[i], " . ");
    }
    return out + " }";
}

std::string chain_name(const Translation& one) {
    std::string out = "to_" + to_string(one.address);
    std::ranges::replace(out, '.', '_');
    return out;
}

std::string chain_text(const Translation& one) {
    std::string out = "  chain " + chain_name(one) + " {\n";
    for (const auto& [port, targets] : one.ports) {
        out += std::string{"    "} + to_string(port.first) + " dport " +
               std::to_string(port.second) + " dnat ip to " + destination(targets) + "\n";
    }
    if (!one.any.empty()) {
        out += "    meta l4proto { tcp, udp } dnat ip to " + destination(one.any) + "\n";
    }
    return out + "  }\n";
}

std::string ways_of(const std::vector<Translation>& translations) {
    std::string out;
    for (const Translation& one : translations) {
        for (const Ipv4 source : one.sources) {
            out += (out.empty() ? "" : ", ") + to_string(source) + " . " + to_string(one.address) +
                   " : goto " + chain_name(one);
        }
    }
    return out;
}

}  // namespace

std::string services_text(const Names& names, const Subnet& services,
                          const std::vector<Translation>& translations) {
    const std::string ours =
        "    iifname \"" + names.bridge + "\" ip daddr " + to_string(services) + " ";
    std::string out = "add table ip " + names.services + "\n" + delete_table_text(names.services) +
                      "table ip " + names.services + " {\n";
    for (const Translation& one : translations)
        out += chain_text(one);
    const std::string ways = ways_of(translations);
    out += "  map ways {\n    type ipv4_addr . ipv4_addr : verdict\n" +
           (ways.empty() ? "" : "    elements = { " + ways + " }\n") + "  }\n";
    out += "  chain prerouting {\n    type nat hook prerouting priority -100; policy accept\n" +
           ours + "ip saddr . ip daddr vmap @ways\n  }\n";
    // Nobody there, or not for this container. Before the chains of others, which may drop it.
    out += "  chain forward {\n    type filter hook forward priority -10; policy accept\n" + ours +
           "meta l4proto tcp reject with tcp reset\n" + ours +
           "reject with icmp port-unreachable\n  }\n";
    return out + "}\n";
}

}  // namespace shoal::network
