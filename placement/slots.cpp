#include "placement/slots.h"

#include "node/base/mutant.h"
#include "placement/executor.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {

bool is_meant(const JobSpec& spec, const NodeFacts& facts) {
    return std::all_of(spec.constraints.begin(), spec.constraints.end(),
                       [&](const Constraint& constraint) { return holds(constraint, facts); });
}

bool may_have(const JobSpec& spec, std::uint32_t index, const NodeId& node) {
    if (spec.global && SHOAL_MUTANT(ForgetSlotOwner)) return true;
    return spec.global ? index == slot_of(node) : index < spec.replicas;
}

std::vector<WantedSlot> wanted_slots(const View& view, const JobSpec& spec) {
    std::vector<WantedSlot> out;
    if (!spec.global) {
        out.resize(spec.replicas);
        for (std::uint32_t index = 0; index < spec.replicas; ++index) {
            out[index].index = index;
        }
        return out;
    }
    std::vector<std::pair<std::string, NodeId>> nodes;
    for (const auto& [node, facts] : view.facts) {
        const bool could = view.is_present(node) && facts.runtime && !facts.draining;
        if (could && is_meant(spec, facts)) nodes.emplace_back(facts.name, node);
    }
    std::sort(nodes.begin(), nodes.end());
    for (const auto& [name, node] : nodes) {
        out.push_back({slot_of(node), node});
    }
    return out;
}

std::string shown(const View& view, const JobSpec& spec, std::uint32_t index) {
    if (!spec.global) return to_string(SlotId{spec.name, index});
    for (const auto& [node, facts] : view.facts) {
        if (slot_of(node) == index) return spec.name + " on " + view.name_of(node);
    }
    return spec.name + " on a node that is not known any more";
}

}  // namespace shoal::placement
