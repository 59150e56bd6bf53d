// The executor and its volumes: taken with the promise that wants them, told to everybody, kept for
// good once something has run with them; and replicas that cannot run beside one another.
#include "node/base/mutant.h"
#include "placement/executor.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {
namespace {

std::vector<VolumeId> volumes_of(const Promise& promise) {
    return volumes_of(promise.spec.container.mounts, promise.slot.index);
}

}  // namespace

void Executor::start(const NodeFacts& facts, const std::vector<VolumeId>& volumes, Effects& out) {
    facts_ = facts;
    ledger_.set_capacity(facts.capacity);
    Batch rows;
    for (const VolumeId& id : volumes) {
        // The ledger was lost, or is older than the directory. Nobody may take its data for gone.
        if (volumes_.find(id) == nullptr) rows.push_back(volumes_.put(id, {.used = true}));
    }
    if (!rows.empty()) out.push_back(Persist{++last_token_, std::move(rows)});
    for (const auto& [id, record] : volumes_.all()) {
        out.push_back(PublishVolume{id, record});
    }
}

// The store shows us what it holds of our own word. What we no longer hold is taken back.
void Executor::own_volume_seen(const VolumeSeen& seen, Effects& out) const {
    if (seen.record && volumes_.find(seen.volume) == nullptr) {
        out.push_back(PublishVolume{seen.volume, std::nullopt});
    }
}

void Executor::volume_moved(Instant now, const VolumeId& id, Effects& out) {
    std::vector<ContainerId> ours;
    for (const auto& [container, promise] : ledger_.all()) {
        const auto wanted = volumes_of(promise);
        if (std::find(wanted.begin(), wanted.end(), id) != wanted.end()) ours.push_back(container);
    }
    for (const ContainerId& container : ours) {
        reconsider(now, container, out);
    }
}

void Executor::remove_volume(const VolumeId& id, Effects& out) {
    for (const auto& [container, promise] : ledger_.all()) {
        const auto wanted = volumes_of(promise);
        if (std::find(wanted.begin(), wanted.end(), id) != wanted.end()) return;
    }
    if (volumes_.find(id) == nullptr) return;
    out.push_back(Persist{++last_token_, {volumes_.erase(id)}});
    out.push_back(PublishVolume{id, std::nullopt});
    out.push_back(DeleteVolume{id});
}

// True if another node counts for the holder of a volume this slot needs, and is not given up.
bool Executor::held_elsewhere(const JobSpec& spec, std::uint32_t index) const {
    if (SHOAL_MUTANT(IgnoreVolumes)) return false;
    for (const VolumeId& id : volumes_of(spec.container.mounts, index)) {
        const auto known = view_.volumes.find(id);
        if (known == view_.volumes.end()) continue;
        const VolumeRecord* own = volumes_.find(id);
        for (const auto& [node, record] : known->second) {
            if (node == view_.self) continue;
            const bool given_up =
                spec.on_volume_loss == OnVolumeLoss::Recreate && !view_.is_present(node);
            const bool behind_ours =
                own != nullptr &&
                (view_.has_left(node) || holds_before(view_.self, *own, node, record));
            if (!given_up && !behind_ours) return true;
        }
    }
    return false;
}

void Executor::take_volumes(const Promise& promise, bool used, Batch& rows) {
    for (const VolumeId& id : volumes_of(promise)) {
        const VolumeRecord* own = volumes_.find(id);
        VolumeRecord record = own != nullptr ? *own : VolumeRecord{.used = used, .since = wall_};
        bool behind = own == nullptr;
        if (const auto known = view_.volumes.find(id); known != view_.volumes.end()) {
            for (const auto& [node, other] : known->second) {
                if (node == view_.self || holds_before(view_.self, record, node, other)) continue;
                // Whose holder was given up; what is here is the volume from now on.
                behind = true;
                if (other.version < kVersionMax) record.version = other.version + 1;
            }
        }
        if (behind) rows.push_back(volumes_.put(id, record));
    }
}

void Executor::publish_volumes(const Promise& promise, Effects& out) const {
    for (const VolumeId& id : volumes_of(promise)) {
        if (const VolumeRecord* record = volumes_.find(id)) {
            out.push_back(PublishVolume{id, *record});
        }
    }
}

// From now on there may be data in them.
void Executor::use_volumes(const ContainerId& id, Effects& out) {
    const Promise* promise = ledger_.find(id);
    if (promise == nullptr) return;
    Batch rows;
    for (const VolumeId& volume : volumes_of(*promise)) {
        const VolumeRecord* known = volumes_.find(volume);
        if (known == nullptr || known->used) continue;
        VolumeRecord record = *known;
        record.used = true;
        rows.push_back(volumes_.put(volume, record));
    }
    if (rows.empty()) return;
    out.push_back(Persist{++last_token_, std::move(rows)});
    publish_volumes(*promise, out);
}

// Nothing has ever run with them, and nobody is left here who would: others may have the slot.
void Executor::drop_unused_volumes(const Promise& promise, Batch& rows, Effects& out) {
    for (const VolumeId& id : volumes_of(promise)) {
        const VolumeRecord* record = volumes_.find(id);
        if (record == nullptr || record->used) continue;
        const bool wanted =
            std::any_of(ledger_.all().begin(), ledger_.all().end(), [&](const auto& item) {
                const auto others = volumes_of(item.second);
                return std::find(others.begin(), others.end(), id) != others.end();
            });
        if (wanted) continue;
        rows.push_back(volumes_.erase(id));
        out.push_back(PublishVolume{id, std::nullopt});
    }
}

// ---- one after the other

// The promise of the same slot here that the new one may not run beside: it is told so, or both
// have a volume. 0: none.
Epoch Executor::predecessor(const Award& award, const AwardedSlot& wanted) const {
    const SlotId slot{award.spec.name, wanted.index};
    if (wanted.stop_first && wanted.replaces && wanted.replaces->node == view_.self &&
        ledger_.find({slot, wanted.replaces->epoch}) != nullptr) {
        return wanted.replaces->epoch;
    }
    if (volumes_of(award.spec.container.mounts, wanted.index).empty()) return 0;
    Epoch last = 0;
    for (auto at = ledger_.all().lower_bound({slot, 0});
         at != ledger_.all().end() && at->first.slot == slot; ++at) {
        last = at->first.epoch;
    }
    return last;
}

// True if it may not start yet. What it waits for is stopped.
bool Executor::waits_for_another(Instant now, const ContainerId& id, Effects& out) {
    const Promise* promise = ledger_.find(id);
    const ContainerId before{id.slot, promise->after};
    const auto other = runs_.find(before);
    if (promise->after == 0 || other == runs_.end()) return false;
    if (SHOAL_MUTANT(StartBeside)) return false;
    set_state(now, id, ClaimState::Awarded, "waits for the one before it to end", out);
    if (!other->second.stopping) stop(now, before, StopReason::Replaced, out);
    return true;
}

void Executor::start_successor(Instant now, const ContainerId& over, Effects& out) {
    if (ledger_.find(over) != nullptr) return;  // It goes on, or is started again.
    const Promise* next = ledger_.successor(over);
    if (next == nullptr) return;
    const ContainerId id{next->slot, next->epoch};
    const auto run = runs_.find(id);
    if (run == runs_.end() || !run->second.synced || run->second.stopping) return;
    launch(now, id, out);
}

}  // namespace shoal::placement
