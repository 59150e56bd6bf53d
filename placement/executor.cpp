#include "placement/executor.h"

#include "node/base/check.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {

Executor::Executor(const View& view, const ExecutorConfig& config, Random random,
                   const Snapshot& rows)
    : view_(view), config_(config), random_(random), ledger_({}, config.ports) {
    ledger_.restore(rows);
    volumes_.restore(rows);
    for (const auto& [id, promise] : ledger_.all()) {
        Run run;
        run.synced = true;
        run.stopping = promise.draining;
        if (promise.draining) run.state = ClaimState::Draining;
        runs_[id] = run;
    }
}

bool Executor::is_synced(const ContainerId& id) const {
    const auto run = runs_.find(id);
    return run != runs_.end() && run->second.synced;
}

Instant Executor::wakeup() const {
    Instant next = journal_retry_at_;
    for (const auto& [id, run] : runs_) {
        next = std::min({next, run.act_at, run.watch.due()});
        if (run.winner_since != kNever && !run.stopping) {
            next = std::min(next, run.winner_since + config_.linger);
        }
    }
    return next;
}

// ---- what is said of a promise

Claim Executor::claim_of(const Promise& promise, const Run& run) const {
    return {.slot = promise.slot,
            .epoch = promise.epoch,
            .template_gen = promise.spec.template_gen,
            .template_hash = template_hash(promise.spec.container),
            .replaces = promise.replaces,
            .state = run.state,
            .since = run.since,
            .token = promise.token,
            .need = reserved(promise.spec),
            .host_ports = published_ports(promise),
            .restarts = run.restarts,
            .exit_code = run.exit_code,
            .detail = run.detail,
            .serves = served_ports(promise),
            .health = run.watch.health(),
            .check_failures = run.watch.failures(),
            .check_output = run.watch.output()};
}

void Executor::say(const ContainerId& id, Effects& out) const {
    const auto promise = ledger_.all().find(id);
    if (promise == ledger_.all().end()) return;
    out.push_back(PublishClaim{id.slot, id.epoch, claim_of(promise->second, runs_.at(id))});
}

void Executor::set_state(Instant /*now*/, const ContainerId& id, ClaimState state,
                         std::string detail, Effects& out) {
    Run& run = runs_.at(id);
    run.state = state;
    run.detail = std::move(detail);
    run.since = wall_;
    say(id, out);
}

// The store shows us what it holds of our own word. What we no longer stand by is taken back.
void Executor::own_claim_seen(const ClaimSeen& seen, Effects& out) {
    const ContainerId id{seen.slot, seen.epoch};
    if (!seen.claim || ledger_.find(id) != nullptr || given_up_.contains(id)) return;
    const bool ended =
        seen.claim->state == ClaimState::Failed || seen.claim->state == ClaimState::Complete;
    const JobSpec* spec = view_.spec(seen.slot.job);
    if (ended && spec != nullptr && spec->template_gen == seen.claim->template_gen) {
        given_up_[id] = *seen.claim;  // From before a restart; still the record of what went wrong.
        return;
    }
    if (orphans_.contains(id)) return;
    out.push_back(PublishClaim{seen.slot, seen.epoch, std::nullopt});
}

// ---- containers

void Executor::listed(Instant now, const std::vector<ContainerReport>& containers, Effects& out) {
    listed_ = true;
    for (const ContainerReport& report : containers) {
        const auto run = runs_.find(report.id);
        if (run == runs_.end()) {
            if (report.state == ContainerState::Running) adopt_orphan(now, report, out);
            continue;
        }
        if (report.state != ContainerState::Running || !run->second.synced) continue;
        if (run->second.stopping) run->second.act_at = now;  // It was being stopped; ask again.
        runs_now(now, report, "adopted", out);
    }
    std::vector<ContainerId> over;
    for (const auto& [id, run] : runs_) {
        if (run.stopping && !run.running) over.push_back(id);
    }
    for (const ContainerId& id : over) {
        release(id, out);
        start_successor(now, id, out);
    }
    if (may_restart_) may_restart(now, out);
}

// A container that names its slot but no promise of ours: the ledger was lost, or is older than it.
// With its job known it is written back; with its job's tombstone known it is stopped; otherwise it
// runs on and waits.
void Executor::adopt_orphan(Instant now, const ContainerReport& report, Effects& out) {
    const auto job = view_.jobs.find(report.id.slot.job);
    if (job == view_.jobs.end() || SHOAL_MUTANT(ForgetLedgerOnBoot)) {
        orphans_[report.id] = report;
        return;
    }
    orphans_.erase(report.id);
    if (!job->second.spec) {
        out.push_back(StopContainer{report.id, StopReason::JobDeleted});
        return;
    }
    // It may have been taken for ended a moment ago. What is written now comes after that.
    std::erase_if(endings_, [&](const auto& ending) { return ending.second == report.id; });
    std::erase(unsaved_ends_, report.id);
    given_up_.erase(report.id);
    const Promise& promise = ledger_.add({.slot = report.id.slot,
                                          .epoch = report.id.epoch,
                                          .spec = *job->second.spec,
                                          .token = random_.next()});
    Run& run = runs_[report.id];
    run.synced = true;  // It runs already; what is written now is a record, not a permission.
    Batch rows{ledger_.row(promise)};
    take_volumes(promise, true, rows);
    out.push_back(Persist{++last_token_, std::move(rows)});
    publish_volumes(promise, out);
    runs_now(now, report, "adopted without a ledger entry", out);
    reconsider(now, report.id, out);
}

void Executor::settled(Instant now, Effects& out) {
    settled_ = true;
    may_restart(now, out);
}

bool Executor::healthy_elsewhere(const SlotId& slot) const {
    for (const Held& held : view_.claims_of(slot)) {
        if (held.node != view_.self && held.claim.state == ClaimState::Healthy &&
            view_.is_present(held.node)) {
            return true;
        }
    }
    return false;
}

// Promises whose container does not run are taken up again, unless somebody else has the slot.
void Executor::may_restart(Instant now, Effects& out) {
    may_restart_ = true;
    if (!listed_) return;
    std::vector<ContainerId> idle;
    for (const auto& [id, run] : runs_) {
        if (run.synced && !run.running && !run.stopping && run.state == ClaimState::Awarded) {
            idle.push_back(id);
        }
    }
    for (const ContainerId& id : idle) {
        const auto& spec = ledger_.find(id)->spec;
        if (healthy_elsewhere(id.slot) || held_elsewhere(spec, id.slot.index)) {
            set_state(now, id, ClaimState::Lost, "runs elsewhere", out);
            release(id, out);
        } else {
            launch(now, id, out);
            reconsider(now, id, out);
        }
    }
}

void Executor::launch(Instant now, const ContainerId& id, Effects& out) {
    const Promise* promise = ledger_.find(id);
    Run& run = runs_.at(id);
    SHOAL_CHECK(promise != nullptr && run.synced);
    run.act_at = kNever;
    if (needs_privilege(promise->spec.container.process) && !facts_.privileged) {
        // Promised before this node was told to allow it to nobody any more.
        run.detail = kNoPrivilege;
        give_up(id, ClaimState::Failed, out);
        return;
    }
    if (waits_for_another(now, id, out)) return;
    set_state(now, id, ClaimState::Starting, "", out);
    out.push_back(StartContainer{id, promise->spec.container, promise->host_ports});
}

void Executor::reported(Instant now, const ContainerReport& report, Effects& out) {
    const auto found = runs_.find(report.id);
    if (found == runs_.end()) {
        if (report.state == ContainerState::Running) {
            adopt_orphan(now, report, out);
        } else if (report.state != ContainerState::Pulling) {
            orphans_.erase(report.id);
        }
        return;
    }
    Run& run = found->second;
    // Nothing of ours runs for a promise that is still being written. What does is from before this
    // disk; the start that follows the sync takes it over.
    if (!run.synced) return;
    if (report.state == ContainerState::Running) {
        use_volumes(report.id, out);
        if (run.running && run.watch.active()) return;  // Said twice.
        runs_now(now, report, "", out);
        return;
    }
    if (report.state == ContainerState::Pulling) {
        pulls(now, report, out);
        return;
    }
    run.running = false;
    run.watch.end();
    run.exit_code = report.exit_code;
    if (report.state == ContainerState::Exited) use_volumes(report.id, out);
    if (run.stopping) {
        release(report.id, out);
        start_successor(now, report.id, out);
        report_drained(out);
        return;
    }
    if (run.restarting) {
        run.restarting = false;
        try_again(now, report.id, false, out);
    } else {
        exited(now, report.id, report, out);
    }
    start_successor(now, report.id, out);
}

// What stops goes on stopping: the runtime learns of it between two pieces.
void Executor::pulls(Instant now, const ContainerReport& report, Effects& out) {
    const Run& run = runs_.at(report.id);
    if (run.state != ClaimState::Starting || run.running) return;
    set_state(now, report.id, ClaimState::Pulling, report.detail, out);
}

void Executor::exited(Instant now, const ContainerId& id, const ContainerReport& report,
                      Effects& out) {
    Run& run = runs_.at(id);
    const RestartPolicy policy = ledger_.find(id)->spec.restart;
    const bool clean = report.state == ContainerState::Exited && report.exit_code == 0;
    run.detail = report.detail;
    if (policy == RestartPolicy::Never || (policy == RestartPolicy::OnFailure && clean)) {
        give_up(id, clean ? ClaimState::Complete : ClaimState::Failed, out);
        return;
    }
    // Nothing starts here for now; others may be well.
    try_again(now, id, report.state == ContainerState::StartFailed && !trouble_.empty(), out);
}

// After a while that grows as long as it does not get well in between; or not here.
void Executor::try_again(Instant now, const ContainerId& id, bool hopeless, Effects& out) {
    Run& run = runs_.at(id);
    const bool stable = run.well_since != Instant{} && now - run.well_since >= config_.stable_after;
    run.fast_failures = stable ? 1 : run.fast_failures + 1;
    run.well_since = Instant{};
    if (hopeless || run.fast_failures > config_.fast_failures_max) {
        give_up(id, ClaimState::Failed, out);
        return;
    }
    ++run.restarts;
    Duration wait = config_.backoff_min;
    for (std::uint32_t i = 1; i < run.fast_failures && wait < config_.backoff_max; ++i) {
        wait *= 2;
    }
    wait = std::min(wait, config_.backoff_max);
    const auto jitter = random_.below(static_cast<std::uint64_t>(wait.count()) / 4 + 1);
    run.act_at = now + wait + Duration{static_cast<Duration::rep>(jitter)};
    set_state(now, id, ClaimState::Backoff, run.detail, out);
}

// The slot goes back to the coordinator; the claim stays in the log as the record of what happened.
void Executor::give_up(const ContainerId& id, ClaimState state, Effects& out) {
    Run& run = runs_.at(id);
    run.state = state;
    run.since = wall_;
    const Claim claim = claim_of(*ledger_.find(id), run);
    given_up_[id] = claim;
    out.push_back(PublishClaim{id.slot, id.epoch, claim});
    end_promise(id, out);
    runs_.erase(id);
    report_drained(out);
}

void Executor::end_promise(const ContainerId& id, Effects& out) {
    Batch rows;
    if (const Promise* promise = ledger_.find(id)) {
        const Promise over = *promise;
        rows = ledger_.end(id);
        drop_unused_volumes(over, rows, out);
    } else {
        rows = ledger_.end(id);
    }
    endings_[++last_token_] = id;
    out.push_back(Persist{last_token_, std::move(rows)});
}

void Executor::release(const ContainerId& id, Effects& out) {
    end_promise(id, out);
    out.push_back(PublishClaim{id.slot, id.epoch, std::nullopt});
    runs_.erase(id);
}

}  // namespace shoal::placement
