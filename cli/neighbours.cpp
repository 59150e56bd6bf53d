#include "cli/neighbours.h"

#include "cli/human.h"
#include "cli/port_text.h"
#include "cli/settling.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace shoal::cli {
namespace {

using Names = std::set<std::string>;

std::string attribute_of(const Json& node, std::string_view name) {
    constexpr std::string_view kLabels = "node.labels.";
    if (name == "node.name") return text_at(node, "name");
    if (name == "node.zone") return text_at(node, "zone");
    if (!name.starts_with(kLabels)) return {};
    return text_at(member(node, "labels"), std::string{name.substr(kLabels.size())}.c_str());
}

// "node.labels.disk == ssd", "node.zone != west", "node.labels.gpu"
bool holds(const std::string& constraint, const Json& node) {
    for (const auto* sign : {"==", "!="}) {
        const auto at = constraint.find(sign);
        if (at == std::string::npos) continue;
        const bool same = attribute_of(node, trimmed(constraint.substr(0, at))) ==
                          trimmed(constraint.substr(at + 2));
        return same == (std::string_view{sign} == "==");
    }
    return !attribute_of(node, trimmed(constraint)).empty();
}

bool could_run(const Json& node, const Json& job) {
    if (!is_set(node, "runtime") || is_set(node, "draining")) return false;
    const auto standing = text_at(node, "standing");
    if (standing != "alive" && standing != "suspect") return false;
    const auto constraints = texts_at(job, "constraints");
    return std::all_of(constraints.begin(), constraints.end(),
                       [&](const std::string& one) { return holds(one, node); });
}

bool holds_its_ports(const Json& slot) {
    const auto state = text_at(slot, "state");
    return !text_at(slot, "node").empty() && state != "failed" && state != "complete" &&
           state != "lost" && state != "stopped";
}

// Fixed ports of the host, as "8080" and "53/udp".
Names fixed_ports(const Json& job) {
    Names out;
    for (const auto& text : texts_at(job, "ports")) {
        const auto port = parse_published(text);
        if (port && port->host_port != 0) out.insert(to_string(*port));
    }
    return out;
}

using Holders = std::map<std::string, std::string>;  // node -> job

// Who holds which port on which node, and will go on to: not what is changed or removed.
std::map<std::string, Holders> holders_of_ports(const Neighbours& around, const Names& moving) {
    std::map<std::string, Names> ports;
    for (const auto& job : around.jobs) {
        ports[text_at(job, "name")] = fixed_ports(job);
    }
    std::map<std::string, Holders> out;
    for (const auto& slot : around.slots) {
        const auto job = text_at(slot, "job");
        if (moving.contains(job) || !holds_its_ports(slot)) continue;
        for (const auto& port : ports[job]) {
            out[port][text_at(slot, "node")] = job;
        }
    }
    return out;
}

// "other/api on a, b; shop/db on c"
std::string list_of(const Holders& holders) {
    std::map<std::string, std::vector<std::string>> nodes;
    for (const auto& [node, job] : holders) {
        nodes[job].push_back(node);
    }
    std::vector<std::string> parts;
    for (const auto& [job, names] : nodes) {
        parts.push_back(job + " on " + join(names, ", "));
    }
    return join(parts, "; ");
}

// One step's wish for a port.
struct Wish {
    std::string job{};
    std::uint64_t replicas = 0;
    Names fit{};  // nodes that could run one
};

// Why not all who wish for it get it; empty if they do. The others' wishes have been looked at.
std::string shortage(const Wish& wish, const std::string& port, const std::vector<Wish>& others,
                     Holders holders) {
    std::erase_if(holders, [&](const auto& item) { return !wish.fit.contains(item.first); });
    const auto free = wish.fit.size() - holders.size();
    if (!holders.empty() && free == 0) {
        return fmt::format("{}: port {} is taken on every node that could run it, by {}", wish.job,
                           port, list_of(holders));
    }
    if (!holders.empty() && free < wish.replicas) {
        return fmt::format("{}: port {} is free on {}, and {} want it; it is taken by {}", wish.job,
                           port, counted(free, "node"), counted(wish.replicas, "replica"),
                           list_of(holders));
    }
    auto replicas = wish.replicas;
    auto nodes = wish.fit;
    std::vector<std::string> rivals;
    for (const auto& other : others) {
        const bool meet = std::any_of(other.fit.begin(), other.fit.end(),
                                      [&](const auto& node) { return wish.fit.contains(node); });
        if (!meet) continue;
        rivals.push_back(other.job);
        replicas += other.replicas;
        nodes.insert(other.fit.begin(), other.fit.end());
    }
    if (rivals.empty() || replicas <= nodes.size()) return {};
    return fmt::format("{}: port {} is wanted by {} too, by {} in all, and there {} for them",
                       wish.job, port, join(rivals, ", "), counted(replicas, "replica"),
                       nodes.size() == 1 ? "is 1 node" : fmt::format("are {} nodes", nodes.size()));
}

}  // namespace

Neighbours look_around(Context& context) {
    Neighbours out;
    for (const auto& [path, into] :
         {std::pair{"/v1/nodes", &out.nodes}, std::pair{"/v1/jobs", &out.jobs},
          std::pair{"/v1/slots", &out.slots}}) {
        auto answer = context.client.call({.wanted = "look around", .path = path});
        if (answer && answer->body.is_array()) *into = std::move(answer->body);
    }
    return out;
}

std::vector<std::string> collisions(const std::vector<Step>& steps, const Neighbours& around) {
    Names moving;
    for (const auto& step : steps) {
        if (step.kind != Step::Kind::Keep) moving.insert(step.name);
    }
    const auto holders = holders_of_ports(around, moving);
    std::map<std::string, std::vector<Wish>> wishes;
    std::vector<std::string> out;
    for (const auto& step : steps) {
        if (step.kind == Step::Kind::Remove || step.kind == Step::Kind::Keep) continue;
        Wish wish{.job = step.name};
        for (const auto& node : around.nodes) {
            if (could_run(node, step.job)) wish.fit.insert(text_at(node, "name"));
        }
        wish.replicas = is_global(step.job) ? wish.fit.size() : count_at(step.job, "replicas");
        for (const auto& port : fixed_ports(step.job)) {
            const auto held = holders.find(port);
            auto text = shortage(wish, port, wishes[port],
                                 held == holders.end() ? Holders{} : held->second);
            if (!text.empty()) out.push_back(std::move(text));
            wishes[port].push_back(wish);
        }
    }
    return out;
}

bool allows_privileges(const Json& nodes) {
    return std::any_of(nodes.begin(), nodes.end(), [](const Json& node) {
        return is_set(node, "privileged") && is_set(node, "runtime");
    });
}

}  // namespace shoal::cli
