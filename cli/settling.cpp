#include "cli/settling.h"

#include "node/api/replicas.h"

#include <algorithm>

namespace shoal::cli {

using std::chrono::milliseconds;

std::string slot_name(const std::string& job, const Json& slot) {
    const auto owner = text_at(slot, "of");  // where nothing runs yet, too
    return api::replica_name(job, count_at(slot, "index"),
                             owner.empty() ? text_at(slot, "node") : owner);
}

bool is_global(const Json& job) {
    return text_at(job, "mode") == "global";
}

bool is_well(const Json& slot) {
    const auto state = text_at(slot, "state");
    return state == "healthy" || state == "complete";
}

bool Settling::note(milliseconds now, const std::string& name, const Json& slot) {
    const auto state = text_at(slot, "state");
    const auto epoch = count_at(slot, "epoch");
    const auto restarts = count_at(slot, "restarts");
    const auto [at, first] =
        slots_.try_emplace(name, Slot{state, now, epoch, restarts, std::uint64_t{0}});
    auto& known = at->second;
    const bool same =
        !first && known.state == state && known.epoch == epoch && known.restarts == restarts;
    if (!first) {
        const auto before = known.epoch == epoch ? known.restarts : 0;
        known.crashes += restarts > before ? restarts - before : 0;
    }
    if (known.state != state || known.epoch != epoch) known.since = now;
    known.state = state;
    known.epoch = epoch;
    known.restarts = restarts;
    return same;
}

bool Settling::crashes(milliseconds now, const Slot& slot) const {
    if (slot.state == "failed" && now - slot.since >= kGivenUp) return true;
    const bool well = slot.state == "healthy" || slot.state == "complete";
    return !well && slot.crashes >= kCrashesMax;
}

void Settling::observe(milliseconds now, const std::vector<Json>& jobs) {
    bool all_well = true;
    bool same = true;
    bool lasting = false;  // is there a replica that could still fall over?
    std::map<std::string, Slot> gone = slots_;
    for (std::size_t i = 0; i < awaited_.size(); ++i) {
        const Json& job = i < jobs.size() ? jobs[i] : Json{};
        const auto& slots = items_at(job, "slots");
        if (!job.is_object() || count_at(job, "generation") < awaited_[i].generation ||
            slots.size() < count_at(job, "replicas")) {
            all_well = false;
        }
        for (const auto& slot : slots) {
            const auto name = slot_name(awaited_[i].name, slot);
            same = note(now, name, slot) && same;
            gone.erase(name);
            all_well = all_well && is_well(slot);
            lasting = lasting || text_at(slot, "state") == "healthy";
        }
    }
    for (const auto& [name, slot] : gone) {
        slots_.erase(name);
    }
    if (!all_well || !same) steady_since_.reset();
    if (all_well && !steady_since_) steady_since_ = now;
    const bool long_enough = steady_since_ && (!lasting || now - *steady_since_ >= kSteady);
    stage_ = long_enough ? Stage::Settled : steady_since_ ? Stage::Steady : Stage::Going;
    for (const auto& [name, slot] : slots_) {
        if (!crashes(now, slot)) continue;
        stage_ = Stage::Crashing;
        crashing_ = name;
        return;
    }
}

std::optional<milliseconds> Settling::pending_since() const {
    std::optional<milliseconds> earliest;
    for (const auto& [name, slot] : slots_) {
        if (slot.state != "pending") continue;
        earliest = std::min(earliest.value_or(slot.since), slot.since);
    }
    return earliest;
}

}  // namespace shoal::cli
