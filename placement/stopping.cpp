// When the executor stops what it runs, and how: only on the evidence listed in StopReason.
#include "node/base/mutant.h"
#include "placement/executor.h"
#include "placement/slots.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {

void Executor::stop(Instant now, const ContainerId& id, StopReason reason, Effects& out) {
    Run& run = runs_.at(id);
    Promise* promise = ledger_.find(id);
    run.stopping = true;
    run.restarting = false;
    run.watch.end();
    run.winner_since = kNever;
    run.act_at = now + config_.stop_retry;
    promise->draining = true;
    promise->reason = reason;
    out.push_back(Persist{++last_token_, {ledger_.row(*promise)}});
    set_state(now, id, ClaimState::Draining, std::string{to_string(reason)}, out);
    out.push_back(StopContainer{id, reason, promise->spec.container.stop_grace_ms});
}

// The evidence there is for stopping this run now; nothing is the answer to silence.
std::optional<StopReason> Executor::evidence(Instant now, const ContainerId& id, Run& run) const {
    const auto job = view_.jobs.find(id.slot.job);
    if (job == view_.jobs.end()) {
        if (SHOAL_MUTANT(StopOnSilence)) return StopReason::JobDeleted;
        if (stop_all_) return StopReason::Draining;
        return std::nullopt;
    }
    if (!job->second.spec) return StopReason::JobDeleted;
    const JobSpec& spec = *job->second.spec;
    if (!may_have(spec, id.slot.index, view_.self)) return StopReason::ScaledDown;
    if (spec.global && !is_meant(spec, facts_)) return StopReason::ConstraintBroken;
    if (stop_all_) return StopReason::Draining;
    const Promise& promise = ledger_.all().at(id);
    const auto claims = view_.claims_of(id.slot);
    for (const Held& held : claims) {
        if (held.claim.state != ClaimState::Healthy || !view_.is_present(held.node)) continue;
        if (held.node == view_.self && held.claim.epoch == id.epoch) continue;
        if (held.claim.template_gen > promise.spec.template_gen) return StopReason::Superseded;
        const auto& replaces = held.claim.replaces;
        if (replaces && replaces->kind == ReplaceKind::Moved && replaces->node == view_.self &&
            replaces->epoch == id.epoch) {
            return StopReason::Superseded;
        }
    }
    if (SHOAL_MUTANT(IgnoreWinner)) return std::nullopt;
    // Whoever is not there cannot hold the slot against those who are.
    auto contenders = claims;
    std::erase_if(contenders, [&](const Held& held) { return !view_.is_present(held.node); });
    view_.prefer_holder(spec, id.slot.index, contenders);
    const auto best = winner(contenders, spec.reconcile);
    const bool other = best && !(best->node == view_.self && best->claim.epoch == id.epoch);
    if (!other) {
        run.winner_since = kNever;
        return std::nullopt;
    }
    if (run.winner_since == kNever) run.winner_since = now;
    if (now - run.winner_since >= config_.linger) return StopReason::LostToWinner;
    return std::nullopt;
}

void Executor::reconsider(Instant now, const ContainerId& id, Effects& out) {
    const auto run = runs_.find(id);
    if (run == runs_.end() || !run->second.synced || run->second.stopping || !listed_) return;
    if (const auto reason = evidence(now, id, run->second)) stop(now, id, *reason, out);
}

void Executor::job_changed(Instant now, const std::string& job, Effects& out) {
    std::vector<ContainerId> ours;
    for (auto at = runs_.lower_bound({{job, 0}, 0}); at != runs_.end() && at->first.slot.job == job;
         ++at) {
        ours.push_back(at->first);
    }
    for (const ContainerId& id : ours) {
        reconsider(now, id, out);
    }
    // What failed under an older template, or for a job that is gone, has been told long enough.
    const JobSpec* spec = view_.spec(job);
    std::erase_if(given_up_, [&](const auto& item) {
        if (item.first.slot.job != job) return false;
        const bool current = spec != nullptr &&
                             may_have(*spec, item.first.slot.index, view_.self) &&
                             spec->template_gen == item.second.template_gen;
        if (current) return false;
        out.push_back(PublishClaim{item.first.slot, item.first.epoch, std::nullopt});
        return true;
    });
    std::vector<ContainerReport> waiting;
    for (const auto& [id, report] : orphans_) {
        if (id.slot.job == job) waiting.push_back(report);
    }
    for (const ContainerReport& report : waiting) {
        adopt_orphan(now, report, out);
    }
}

bool Executor::is_well_here(const SlotId& slot) const {
    for (auto at = runs_.lower_bound({slot, 0}); at != runs_.end() && at->first.slot == slot;
         ++at) {
        if (at->second.state == ClaimState::Healthy) return true;
    }
    return false;
}

void Executor::claims_changed(Instant now, const SlotId& slot, Effects& out) {
    std::vector<ContainerId> ours;
    for (auto at = runs_.lower_bound({slot, 0}); at != runs_.end() && at->first.slot == slot;
         ++at) {
        ours.push_back(at->first);
    }
    for (const ContainerId& id : ours) {
        reconsider(now, id, out);
    }
    // A healthy replica anywhere makes an old failure of ours uninteresting.
    std::erase_if(given_up_, [&](const auto& item) {
        if (item.first.slot != slot || item.second.state != ClaimState::Failed) return false;
        if (!healthy_elsewhere(slot) && !is_well_here(slot)) return false;
        out.push_back(PublishClaim{slot, item.first.epoch, std::nullopt});
        return true;
    });
}

void Executor::roster_changed(Instant now, Effects& out) {
    std::vector<ContainerId> contested;
    for (const auto& [id, run] : runs_) {
        const auto claims = view_.claims.find(id.slot);
        if (claims != view_.claims.end() && claims->second.size() > 1) contested.push_back(id);
    }
    for (const ContainerId& id : contested) {
        reconsider(now, id, out);
    }
}

void Executor::drain(Instant now, bool stop_containers, Effects& out) {
    draining_ = true;
    stop_all_ = stop_containers;
    std::vector<ContainerId> all;
    for (const auto& [id, run] : runs_) {
        if (!run.stopping && run.synced) all.push_back(id);
    }
    for (const ContainerId& id : all) {
        if (stop_containers) stop(now, id, StopReason::Draining, out);
    }
    if (!stop_containers || runs_.empty()) {
        drained_told_ = true;
        out.push_back(Drained{});
    }
}

void Executor::report_drained(Effects& out) {
    if (!draining_ || drained_told_ || !runs_.empty()) return;
    drained_told_ = true;
    out.push_back(Drained{});
}

void Executor::tick(Instant now, Effects& out) {
    if (journal_retry_at_ <= now) {
        journal_retry_at_ = kNever;
        for (const ContainerId& id : std::exchange(unsaved_ends_, {})) {
            end_promise(id, out);
        }
    }
    std::erase_if(tickets_, [&](const auto& ticket) { return ticket.second <= now; });
    std::vector<ContainerId> due;
    for (const auto& [id, run] : runs_) {
        const bool lingered =
            run.winner_since != kNever && !run.stopping && run.winner_since + config_.linger <= now;
        if (run.act_at <= now || lingered || run.watch.due() <= now) due.push_back(id);
    }
    for (const ContainerId& id : due) {
        Run& run = runs_.at(id);
        if (run.stopping) {
            run.act_at = now + config_.stop_retry;
            const Promise* promise = ledger_.find(id);
            out.push_back(
                StopContainer{id, promise->reason, promise->spec.container.stop_grace_ms});
            continue;
        }
        ask_if_well(now, id, out);
        if (run.restarting && run.act_at <= now) {
            restart_unwell(now, id, out);
        } else if (run.act_at <= now) {
            launch(now, id, out);
        }
        reconsider(now, id, out);
    }
}

}  // namespace shoal::placement
