#include "placement/placement.h"

#include "node/base/overloaded.h"
#include "placement/slots.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::placement {

Placement::Placement(NodeId self, const Config& config, Random random, const Snapshot& rows)
    : view_{.self = self},
      executor_(view_, config.executor, random.fork(), rows),
      coordinator_(view_, config.coordinator, random.fork()),
      config_(config) {}

Effects Placement::step(Instant now, const Input& input) {
    Effects out;
    std::visit([&](const auto& event) { on(now, event, out); }, input);
    coordinator_.run(now, out);
    // What we say to ourselves is heard at once. It may make us say more.
    for (std::size_t i = 0; i < out.size();) {
        const auto* send = std::get_if<Send>(&out[i]);
        if (send == nullptr || send->to != view_.self) {
            ++i;
            continue;
        }
        const Message message = send->message;
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
        hear(now, view_.self, message, out);
        coordinator_.run(now, out);
    }
    return out;
}

Instant Placement::wakeup() const {
    return std::min({executor_.wakeup(), coordinator_.wakeup(), settle_by_, restart_at_});
}

void Placement::on(Instant now, const Start& start, Effects& out) {
    executor_.start(start.facts, start.volumes, out);
    view_.facts[view_.self] = start.facts;
    if (start.alone) {
        settle(now, out);
        return;
    }
    settle_by_ = now + config_.settle_max;
    restart_at_ = now + config_.restart_alone_after;
}

void Placement::settle(Instant now, Effects& out) {
    settle_by_ = restart_at_ = kNever;
    if (coordinator_.is_settled()) return;
    coordinator_.settled();
    executor_.settled(now, out);
}

bool Placement::anybody_present() const {
    return std::any_of(view_.peers.begin(), view_.peers.end(),
                       [](const auto& peer) { return present(peer.second.standing); });
}

void Placement::on(Instant now, const RuntimeListed& listed, Effects& out) {
    executor_.listed(now, listed.containers, out);
}

void Placement::on(Instant now, const RuntimeReported& reported, Effects& out) {
    executor_.reported(now, reported.report, out);
}

void Placement::on(Instant /*now*/, const RuntimeTroubled& troubled, Effects& /*out*/) {
    executor_.troubled(troubled.why);
}

void Placement::on(Instant now, const CheckReport& report, Effects& out) {
    executor_.checked(now, report, out);
}

void Placement::on(Instant now, const JobChanged& changed, Effects& out) {
    view_.see(changed);
    executor_.job_changed(now, changed.job, out);
    coordinator_.wake(changed.job);
}

void Placement::on(Instant now, const ClaimsSeen& seen, Effects& out) {
    std::set<SlotId> slots;
    for (const ClaimSeen& one : seen.claims) {
        view_.see(one);
        slots.insert(one.slot);
    }
    for (const ClaimSeen& one : seen.claims) {
        if (one.node == view_.self) executor_.own_claim_seen(one, out);
    }
    for (const SlotId& slot : slots) {
        executor_.claims_changed(now, slot, out);
        coordinator_.wake(slot.job);
    }
}

void Placement::on(Instant now, const VolumeSeen& seen, Effects& out) {
    view_.see(seen);
    if (seen.node == view_.self) executor_.own_volume_seen(seen, out);
    executor_.volume_moved(now, seen.volume, out);
    for (const auto& [name, job] : view_.jobs) {
        if (!job.spec) continue;
        const auto& mounts = job.spec->container.mounts;
        const bool wants = std::any_of(mounts.begin(), mounts.end(), [&](const Mount& mount) {
            return mount.kind == MountKind::Volume && mount.source == seen.volume.name;
        });
        if (wants) coordinator_.wake(name);
    }
}

void Placement::on(Instant /*now*/, const RemoveVolume& remove, Effects& out) {
    executor_.remove_volume(remove.volume, out);
}

void Placement::on(Instant /*now*/, const FactsSeen& seen, Effects& /*out*/) {
    if (seen.facts) {
        view_.facts[seen.node] = *seen.facts;
    } else {
        view_.facts.erase(seen.node);
    }
    coordinator_.wake_all();
}

void Placement::on(Instant now, const PeerChanged& changed, Effects& out) {
    if (changed.peer == view_.self) return;
    view_.see(now, changed);
    const bool lost = changed.standing == Standing::AgentDown ||
                      changed.standing == Standing::Dead || changed.standing == Standing::Left;
    if (lost) coordinator_.peer_lost(changed.peer);
    executor_.roster_changed(now, out);
    coordinator_.wake_all();
}

void Placement::on(Instant now, const SyncedWith& /*synced*/, Effects& out) {
    settle(now, out);
}

void Placement::on(Instant now, const Receive& receive, Effects& out) {
    if (receive.from != view_.self) hear(now, receive.from, receive.message, out);
}

void Placement::hear(Instant now, NodeId from, const Message& message, Effects& out) {
    std::visit(Overloaded{
                   [&](const BidRequest& m) { executor_.asked(now, m, from, out); },
                   [&](const Award& m) { executor_.awarded(now, m, from, out); },
                   [&](const StatusRequest& m) { coordinator_.hear(now, from, m, out); },
                   [&](const auto& m) { coordinator_.hear(now, from, m); },
               },
               message);
}

void Placement::on(Instant now, const Drain& drain, Effects& out) {
    executor_.drain(now, drain.stop_containers, out);
}

void Placement::on(Instant now, const Persisted& persisted, Effects& out) {
    executor_.persisted(now, persisted.token, out);
}

void Placement::on(Instant now, const PersistFailed& failed, Effects& out) {
    executor_.persist_failed(now, failed.token, out);
}

void Placement::on(Instant now, const Tick& tick, Effects& out) {
    executor_.set_wall(tick.wall);
    if (settle_by_ <= now) settle(now, out);
    if (restart_at_ <= now) {
        restart_at_ = kNever;
        if (!anybody_present()) executor_.may_restart(now, out);
    }
    executor_.tick(now, out);
}

void Placement::on(Instant /*now*/, const DiskSpace& space, Effects& /*out*/) {
    executor_.set_low_disk(space.low);
}

void Placement::on(Instant /*now*/, const ImageSeen& seen, Effects& /*out*/) {
    executor_.image_seen(seen);
}

std::vector<JobSummary> Placement::jobs() const {
    std::vector<JobSummary> out;
    for (const auto& [name, job] : view_.jobs) {
        if (!job.spec) continue;
        JobSummary summary{.name = name, .spec = *job.spec, .sentence = sentence(name)};
        for (const WantedSlot& slot : wanted_slots(view_, *job.spec)) {
            ++summary.wanted;
            const auto claims = view_.claims_of({name, slot.index});
            const bool healthy = std::any_of(claims.begin(), claims.end(), [&](const Held& held) {
                return held.claim.state == ClaimState::Healthy && view_.is_present(held.node);
            });
            if (healthy) ++summary.healthy;
        }
        out.push_back(std::move(summary));
    }
    return out;
}

}  // namespace shoal::placement
