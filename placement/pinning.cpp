// The coordinator and volumes: where the slots that have some may go, and how a replica is replaced
// by its update without the two getting into each other's way.
#include "node/base/mutant.h"
#include "placement/coordinator.h"
#include "placement/slots.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {
namespace {

// So many rounds an update looks for room beside what it replaces; then it takes its place.
constexpr std::uint32_t kPatience = 3;

// A host port that the new one asks for by number and the old one has.
bool ports_collide(const Claim& old, const JobSpec& spec) {
    const auto& wishes = spec.container.ports;
    return std::any_of(wishes.begin(), wishes.end(), [&](const PortWish& wish) {
        return wish.host_port != 0 && std::find(old.host_ports.begin(), old.host_ports.end(),
                                                wish.host_port) != old.host_ports.end();
    });
}

}  // namespace

std::optional<NodeId> Coordinator::holder_of(Instant now, const VolumeId& id) const {
    if (auto holder = view_.holder(id)) return holder;
    const auto leaning = leanings_.find(id);
    if (leaning == leanings_.end() || leaning->second.until <= now) return std::nullopt;
    return leaning->second.node;
}

// All volumes of a slot are of one node, or will be.
Coordinator::Pin Coordinator::pin_of(Instant now, const JobSpec& spec, std::uint32_t index) const {
    Pin out;
    if (SHOAL_MUTANT(IgnoreVolumes)) return out;
    for (const Mount& mount : spec.container.mounts) {
        if (mount.kind != MountKind::Volume) continue;
        const VolumeId id{mount.source, mount.shared ? 0 : index};
        const auto holder = holder_of(now, id);
        if (!holder) {
            if (!mount.external) continue;
            return {.waits =
                        "volume " + to_string(id) + ", which is external and which no node holds"};
        }
        const auto name = view_.name_of(*holder);
        if (!view_.is_present(*holder)) {
            const bool given_up =
                spec.on_volume_loss == OnVolumeLoss::Recreate && lost_at(*holder, spec) <= now;
            if (given_up) continue;
            const auto peer = view_.peers.find(*holder);
            return {.waits = name + ", which holds volume " + to_string(id) +
                             (peer == view_.peers.end()
                                  ? std::string{}
                                  : " and is " + std::string{to_string(peer->second.standing)})};
        }
        if (out.only && *out.only != *holder) {
            return {.waits = "one node with all its volumes: " + to_string(id) + " is on " + name +
                             ", others on " + view_.name_of(*out.only)};
        }
        out.only = holder;
        out.why = "volume " + to_string(id) + " is on " + name;
    }
    return out;
}

std::string Coordinator::only_there(Instant now, const JobSpec& spec, const Need& need) const {
    if (need.stop_first && need.only) {
        return "its replica on " + view_.name_of(*need.only) + " is replaced in place";
    }
    return pin_of(now, spec, need.index).why;
}

// Start first, where the two can run beside one another: on another node, or on the same. Where
// they cannot, and where there is no room for both, the old one ends before the new one starts.
Coordinator::Need Coordinator::update_of(Instant now, const JobSpec& spec, const Job& job,
                                         std::uint32_t index, const Held& old) const {
    const auto pinned = pin_of(now, spec, index).only;
    Need need{.index = index,
              .replaces = Replaces{old.node, old.claim.epoch, ReplaceKind::Moved},
              .only = spec.global ? old.node : pinned};
    const bool no_room = ports_collide(old.claim, spec) || job.failures >= kPatience;
    // What may not be there any more is replaced elsewhere.
    const bool in_place =
        pinned ? pinned == old.node : no_room && unfit(now, old.node, spec).empty();
    if (in_place) {
        need.only = old.node;
        need.stop_first = true;
    }
    return need;
}

void Coordinator::lean(Instant now, const NodeId& to, const JobSpec& spec, std::uint32_t index) {
    std::erase_if(leanings_, [&](const auto& item) { return item.second.until <= now; });
    for (const VolumeId& id : volumes_of(spec.container.mounts, index)) {
        leanings_[id] = {to, now + config_.award_life + config_.claim_wait};
    }
}

void Coordinator::lean_no_more(const NodeId& to, const JobSpec& spec, std::uint32_t index) {
    for (const VolumeId& id : volumes_of(spec.container.mounts, index)) {
        const auto found = leanings_.find(id);
        if (found != leanings_.end() && found->second.node == to) leanings_.erase(found);
    }
}

// Nothing is to be asked for. What waits is told by whoever would ask; it ends by itself.
void Coordinator::tell_waiting(const std::string& name, const JobSpec& spec, Job& job,
                               Effects& out) {
    std::string text;
    if (!job.waiting.empty()) refresh_rank(name, job);
    if (!job.waiting.empty() && job.rank == 0) {
        text = std::to_string(job.waiting.size()) + " of " +
               std::to_string(wanted_slots(view_, spec).size()) + " not placed: ";
        const auto& [index, why] = *job.waiting.begin();
        text += shown(view_, spec, index) + " waits for " + why;
        if (job.waiting.size() > 1) text += "; and others";
    }
    if (text == job.sentence) return;
    job.sentence = text;
    const auto what = text.empty() ? SlotDecided::What::Satisfied : SlotDecided::What::Pending;
    out.push_back(SlotDecided{{name, 0}, what, {}, std::move(text)});
}

}  // namespace shoal::placement
