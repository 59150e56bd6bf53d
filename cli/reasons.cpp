#include "cli/reasons.h"

#include "cli/explain.h"

#include <algorithm>

namespace shoal::cli {
namespace {

constexpr std::chrono::milliseconds kAskEvery{2'000};

bool has_pending(const Json& job) {
    const auto& slots = items_at(job, "slots");
    return std::any_of(slots.begin(), slots.end(),
                       [](const Json& slot) { return text_at(slot, "state") == "pending"; });
}

}  // namespace

void Reasons::ask(const std::vector<Json>& jobs) {
    known_.clear();
    for (const auto& job : jobs) {
        if (!has_pending(job)) continue;
        const auto name = text_at(job, "name");
        auto told = explanation(context_, name);
        if (told) known_[name] = std::move(*told);
    }
}

void Reasons::refresh(const std::vector<Json>& jobs) {
    if (context_.world.now() < again_) return;
    again_ = context_.world.now() + kAskEvery;
    ask(jobs);
}

std::string Reasons::sentence(const std::string& job, const Json& slot) const {
    const auto found = known_.find(job);
    if (found == known_.end()) return {};
    for (const auto& pending : items_at(found->second, "pending")) {
        if (count_at(pending, "index") == count_at(slot, "index")) {
            return text_at(pending, "sentence");
        }
    }
    return {};
}

bool Reasons::nobody_bids() const {
    return std::any_of(known_.begin(), known_.end(), [](const auto& entry) {
        const auto& nodes = items_at(entry.second, "nodes");
        return !nodes.empty() && std::none_of(nodes.begin(), nodes.end(), [](const Json& node) {
            return is_set(node, "bids");
        });
    });
}

std::string Reasons::tables() const {
    std::string out;
    for (const auto& [job, told] : known_) {
        out += "\n" + explained(context_, told);
    }
    return out;
}

}  // namespace shoal::cli
