#include "node/host/network/rules.h"

#include <array>
#include <string_view>

namespace shoal::network {
namespace {

struct Chain {
    std::string_view name;
    std::string_view hook;
};

// Priorities as numbers: the names for them depend on the hook and the version of nft.
constexpr std::array<Chain, 5> kChains{{
    {"prerouting_raw", "type filter hook prerouting priority -300"},
    {"prerouting", "type nat hook prerouting priority -100"},
    {"output", "type nat hook output priority -100"},
    {"forward", "type filter hook forward priority 0"},
    {"postrouting", "type nat hook postrouting priority 100"},
}};

// BRIDGE and SUBNET are filled in.
struct Rule {
    std::string_view chain;
    std::string_view text;
    std::string_view comment;
};

constexpr std::array<Rule, 13> kRules{{
    {"prerouting_raw", "iifname != \"lo\" ip daddr 127.0.0.0/8 counter drop",
     "loopback of the host is the host's alone"},
    {"prerouting", "dnat ip to ip daddr . meta l4proto . th dport map @published_at",
     "ports published at one address"},
    {"prerouting", "fib daddr type local dnat ip to meta l4proto . th dport map @published",
     "ports published at every address"},
    // To others it is a port nobody listens on.
    {"prerouting",
     "ip saddr @members fib daddr type local dnat ip to meta l4proto . th dport map @exposed",
     "ports for the other nodes"},
    {"output", "dnat ip to ip daddr . meta l4proto . th dport map @published_at",
     "ports published at one address"},
    {"output", "fib daddr type local dnat ip to meta l4proto . th dport map @published",
     "ports published at every address"},
    {"forward", "iifname \"BRIDGE\" accept", "containers may speak"},
    {"forward", "oifname \"BRIDGE\" ct state established,related accept", "and be answered"},
    {"forward", "oifname \"BRIDGE\" ct status dnat accept", "published ports"},
    {"forward", "oifname \"BRIDGE\" counter drop", "what is not published is not reachable"},
    {"postrouting", "ip saddr 127.0.0.0/8 oifname \"BRIDGE\" masquerade",
     "the host to its own published ports"},
    {"postrouting", "ip saddr SUBNET ip daddr SUBNET ct status dnat masquerade",
     "a container to a published port, its own included"},
    {"postrouting", "ip saddr SUBNET oifname != \"BRIDGE\" masquerade",
     "containers to the outside"},
}};

std::string filled(std::string_view text, const Names& names, const Subnet& subnet) {
    std::string out{text};
    const auto fill = [&](std::string_view word, const std::string& value) {
        for (auto at = out.find(word); at != std::string::npos; at = out.find(word, at)) {
            out.replace(at, word.size(), value);
            at += value.size();
        }
    };
    fill("BRIDGE", names.bridge);
    fill("SUBNET", to_string(subnet));
    return out;
}

std::string key_of(const Publication& port) {
    const std::string key =
        std::string{to_string(port.protocol)} + " . " + std::to_string(port.host_port);
    return port.host.is_any() || port.members_only ? key : to_string(port.host) + " . " + key;
}

std::string elements_of(const char* map, const std::vector<Mapping>& mappings, bool with_values) {
    std::string out;
    for (const Mapping& mapping : mappings) {
        if (std::string_view{map} != map_of(mapping.port)) continue;
        out += (out.empty() ? "" : ", ") + key_of(mapping.port);
        if (with_values) {
            out += " : " + to_string(mapping.container) + " . " +
                   std::to_string(mapping.port.container_port);
        }
    }
    return out;
}

std::string elements_text(const std::string& verb, const Names& names,
                          const std::vector<Mapping>& mappings, bool with_values) {
    std::string out;
    for (const char* map : {kMapOfOne, kMapOfAll, kMapForMembers}) {
        const std::string elements = elements_of(map, mappings, with_values);
        if (elements.empty()) continue;
        out.append(verb).append(" element ip ").append(names.table).append(" ").append(map);
        out.append(" { ").append(elements).append(" }\n");
    }
    return out;
}

std::string joined(const std::vector<Ipv4>& addresses) {
    std::string out;
    for (const Ipv4 address : addresses)
        out += (out.empty() ? "" : ", ") + to_string(address);
    return out;
}

std::string map_text(const char* map, const std::string& key,
                     const std::vector<Mapping>& mappings) {
    const std::string elements = elements_of(map, mappings, true);
    return std::string{"  map "} + map + " {\n    type " + key + " : ipv4_addr . inet_service\n" +
           (elements.empty() ? "" : "    elements = { " + elements + " }\n") + "  }\n";
}

}  // namespace

const char* map_of(const Publication& port) {
    if (port.members_only) return kMapForMembers;
    return port.host.is_any() ? kMapOfAll : kMapOfOne;
}

Comments expected_comments() {
    Comments out;
    for (const Rule& rule : kRules)
        out[std::string{rule.chain}].emplace_back(rule.comment);
    return out;
}

std::string table_text(const Names& names, const Subnet& subnet,
                       const std::vector<Mapping>& mappings, const std::vector<Ipv4>& members) {
    // Deleting what may not exist fails; adding first makes sure that it does.
    std::string out = "add table ip " + names.table + "\n" + delete_table_text(names.table) +
                      "table ip " + names.table + " {\n";
    out += std::string{"  set "} + kMembers + " {\n    type ipv4_addr\n" +
           (members.empty() ? "" : "    elements = { " + joined(members) + " }\n") + "  }\n";
    out += map_text(kMapOfOne, "ipv4_addr . inet_proto . inet_service", mappings);
    for (const char* map : {kMapOfAll, kMapForMembers})
        out += map_text(map, "inet_proto . inet_service", mappings);
    for (const Chain& chain : kChains) {
        out += "  chain " + std::string{chain.name} + " {\n    " + std::string{chain.hook} +
               "; policy accept\n";
        for (const Rule& rule : kRules) {
            if (rule.chain != chain.name) continue;
            out += "    " + filled(rule.text, names, subnet) + " comment \"" +
                   std::string{rule.comment} + "\"\n";
        }
        out += "  }\n";
    }
    return out + "}\n";
}

std::string members_text(const Names& names, const std::vector<Ipv4>& members) {
    const std::string set = "ip " + names.table + " " + kMembers;
    std::string out = "flush set " + set + "\n";
    if (!members.empty()) out += "add element " + set + " { " + joined(members) + " }\n";
    return out;
}

std::string add_text(const Names& names, const std::vector<Mapping>& mappings) {
    return elements_text("add", names, mappings, true);
}

std::string delete_text(const Names& names, const std::vector<Mapping>& mappings) {
    return elements_text("delete", names, mappings, false);
}

std::string accept_text(const Names& names, const ForeignChain& chain) {
    std::string out;
    for (const char* side : {"oifname", "iifname"}) {
        out += "insert rule ip filter " + chain.name + " " + side + " \"" + names.bridge +
               "\" counter accept comment \"" + names.tag + "\"\n";
    }
    return out;
}

std::string delete_rules_text(const ForeignChain& chain,
                              const std::vector<std::uint64_t>& handles) {
    std::string out;
    for (const std::uint64_t handle : handles) {
        out += "delete rule ip filter " + chain.name + " handle " + std::to_string(handle) + "\n";
    }
    return out;
}

std::string delete_table_text(const std::string& table) {
    return "delete table ip " + table + "\n";
}

}  // namespace shoal::network
