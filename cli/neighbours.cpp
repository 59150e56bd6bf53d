#include "cli/neighbours.h"

#include "cli/human.h"
#include "cli/port_text.h"
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

// Who holds which port on which node; jobs of `leaving` will not for long.
class Occupied {
public:
    Occupied(const Neighbours& around, const Names& leaving) {
        std::map<std::string, Names> ports;
        for (const auto& job : around.jobs) {
            ports[text_at(job, "name")] = fixed_ports(job);
        }
        for (const auto& slot : around.slots) {
            const auto job = text_at(slot, "job");
            if (leaving.contains(job) || !holds_its_ports(slot)) continue;
            for (const auto& port : ports[job]) {
                holders_[port][text_at(slot, "node")] = job;
            }
        }
    }

    // By node, whose job it is.
    [[nodiscard]] std::map<std::string, std::string> holders(const std::string& port,
                                                             const std::string& beside) const {
        const auto found = holders_.find(port);
        if (found == holders_.end()) return {};
        auto out = found->second;
        std::erase_if(out, [&](const auto& item) { return item.second == beside; });
        return out;
    }

private:
    std::map<std::string, std::map<std::string, std::string>> holders_;
};

// "other/api on a, b; shop/db on c"
std::string list_of(const std::map<std::string, std::string>& holders) {
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
    Names leaving;
    for (const auto& step : steps) {
        if (step.kind == Step::Kind::Remove) leaving.insert(step.name);
    }
    const Occupied occupied{around, leaving};
    std::vector<std::string> out;
    for (const auto& step : steps) {
        if (step.kind == Step::Kind::Remove || step.kind == Step::Kind::Keep) continue;
        Names fit;
        for (const auto& node : around.nodes) {
            if (could_run(node, step.job)) fit.insert(text_at(node, "name"));
        }
        const auto wanted = count_at(step.job, "replicas");
        for (const auto& port : fixed_ports(step.job)) {
            auto holders = occupied.holders(port, step.name);
            std::erase_if(holders, [&](const auto& item) { return !fit.contains(item.first); });
            const auto free = fit.size() - holders.size();
            if (holders.empty() || free >= wanted) continue;
            out.push_back(
                free == 0
                    ? fmt::format("{}: port {} is taken on every node that could run it, by {}",
                                  step.name, port, list_of(holders))
                    : fmt::format("{}: port {} is free on {}, and {} want it; it is taken by {}",
                                  step.name, port, counted(free, "node"),
                                  counted(wanted, "replica"), list_of(holders)));
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
