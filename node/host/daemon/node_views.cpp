#include "node/host/daemon/node_views.h"

#include "node/host/daemon/job_json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace shoal::host {
namespace {

using nlohmann::json;

std::string plain_name(const agent::Agent& agent, const NodeId& node) {
    const auto& facts = agent.placement().view().facts;
    const auto found = facts.find(node);
    return found == facts.end() || found->second.name.empty() ? to_short(node) : found->second.name;
}

// All nodes there are, and those that have left are not.
std::vector<NodeId> all_nodes(const agent::Agent& agent) {
    std::vector<NodeId> out;
    for (const auto& member : agent.membership().members()) {
        out.push_back(member.claim.about);
    }
    if (std::find(out.begin(), out.end(), agent.self()) == out.end()) out.push_back(agent.self());
    return out;
}

}  // namespace

Standing standing_of(const agent::Agent& agent, const NodeId& node) {
    if (node == agent.self()) return Standing::Alive;
    const auto member = agent.membership().find(node);
    return member ? member->standing : Standing::Unreachable;
}

std::string display_name(const agent::Agent& agent, const NodeId& node) {
    const auto name = plain_name(agent, node);
    for (const auto& other : all_nodes(agent)) {
        if (other != node && plain_name(agent, other) == name) {
            return name + "~" + to_hex(node).substr(0, 4);
        }
    }
    return name;
}

std::vector<std::string> name_clashes(const agent::Agent& agent) {
    std::map<std::string, std::string> bearers;
    std::map<std::string, std::size_t> counts;
    for (const auto& node : all_nodes(agent)) {
        const auto& facts = agent.placement().view().facts;
        if (facts.count(node) == 0 || !present(standing_of(agent, node))) continue;
        const auto name = plain_name(agent, node);
        auto& text = bearers[name];
        text += (text.empty() ? "" : ", ") + display_name(agent, node);
        ++counts[name];
    }
    std::vector<std::string> out;
    for (const auto& [name, shown] : bearers) {
        if (counts[name] < 2) continue;
        out.push_back(std::to_string(counts[name]) + " nodes are named '" + name + "', shown as " +
                      shown + "; restart all but one of them with a --name of its own");
    }
    return out;
}

Result<NodeId> find_node(const agent::Agent& agent, const std::string& name) {
    std::vector<NodeId> fit;
    std::set<std::string> names;
    for (const auto& node : all_nodes(agent)) {
        const auto shown = display_name(agent, node);
        if (shown == name) return node;
        const bool by_id = name.size() >= 4 && to_hex(node).starts_with(name);
        if (by_id || plain_name(agent, node) == name) fit.push_back(node);
        names.insert(shown);
    }
    if (fit.size() == 1) return fit.front();
    std::string known;
    for (const auto& shown : names) {
        known += (known.empty() ? "" : ", ") + shown;
    }
    if (fit.empty()) {
        return fail(Errc::NotFound, "there is no node '" + name + "'; there are " + known);
    }
    return fail(Errc::Conflict, "'" + name + "' could be several nodes; there are " + known);
}

json view_node(const agent::Agent& agent, const NodeId& node) {
    json out{{"name", display_name(agent, node)},
             {"id", to_hex(node)},
             {"self", node == agent.self()},
             {"standing", std::string{to_string(standing_of(agent, node))}}};
    const auto member = agent.membership().find(node);
    out["address"] = member ? to_string(member->claim.endpoint) : "";
    out["incarnation"] = node == agent.self() ? agent.membership().incarnation()
                                              : (member ? member->claim.incarnation : 0);
    placement::NodeFacts facts;
    const auto& all = agent.placement().view().facts;
    if (const auto found = all.find(node); found != all.end()) facts = found->second;
    out["zone"] = facts.zone;
    out["labels"] = facts.labels;
    out["version"] = facts.version;
    out["draining"] = facts.draining;
    out["runtime"] = facts.runtime;
    out["privileged"] = facts.privileged;
    out["capacity"] = to_json(facts.capacity);
    placement::Resources committed;
    json slots = json::array();
    for (const auto& [slot, claims] : agent.placement().view().claims) {
        for (const auto& [owner, claim] : claims) {
            if (owner.first != node || !is_live(claim.state)) continue;
            committed.cpu_milli += claim.need.cpu_milli;
            committed.memory_bytes += claim.need.memory_bytes;
            slots.push_back({{"job", slot.job},
                             {"index", slot.index},
                             {"state", std::string{to_string(claim.state)}},
                             {"epoch", claim.epoch},
                             {"restarts", claim.restarts},
                             {"detail", claim.detail}});
        }
    }
    out["committed"] = to_json(committed);
    out["replicas"] = slots.size();
    out["slots"] = std::move(slots);
    return out;
}

json view_nodes(const agent::Agent& agent) {
    std::vector<json> all;
    for (const auto& node : all_nodes(agent)) {
        auto one = view_node(agent, node);
        one.erase("slots");
        all.push_back(std::move(one));
    }
    std::sort(all.begin(), all.end(), [](const json& a, const json& b) {
        const auto key = [](const json& node) {
            return std::make_pair(!node["self"].get<bool>(), node["name"].get<std::string>());
        };
        return key(a) < key(b);
    });
    return all;
}

json view_standings(const agent::Agent& agent) {
    std::map<std::string, std::uint32_t> counts{
        {"alive", 0}, {"suspect", 0}, {"agent-down", 0}, {"unreachable", 0}, {"left", 0}};
    for (const auto& node : all_nodes(agent)) {
        ++counts[std::string{to_string(standing_of(agent, node))}];
    }
    return counts;
}

}  // namespace shoal::host
