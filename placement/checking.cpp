// The executor and the health of what it runs: when its check is due, and what follows from it.
#include "node/base/mutant.h"
#include "placement/executor.h"

#include <string>

namespace shoal::placement {

// A container that ran on while the agent was away is as well as it was said to be, until its check
// says otherwise.
bool Executor::was_well_before(const ContainerId& id) const {
    const auto claims = view_.claims.find(id.slot);
    if (claims == view_.claims.end()) return false;
    const auto ours = claims->second.find({view_.self, id.epoch});
    return ours != claims->second.end() && ours->second.state == ClaimState::Healthy &&
           ours->second.health == Health::Healthy;
}

void Executor::runs_now(Instant now, const ContainerReport& report, const std::string& detail,
                        Effects& out) {
    const ContainerId& id = report.id;
    Run& run = runs_.at(id);
    const bool adopted = run.state == ClaimState::Awarded;
    run.running = true;
    if (run.stopping) return;
    const auto check = resolve(ledger_.find(id)->spec.container.health, report.image_check);
    if (!asks(check) || SHOAL_MUTANT(HealthyOnStart)) {
        run.well_since = now;
        set_state(now, id, ClaimState::Healthy, detail, out);
        return;
    }
    const bool was_well = adopted && was_well_before(id);
    run.watch.begin(now, check, was_well);
    if (was_well) {
        run.well_since = now;
        set_state(now, id, ClaimState::Healthy, detail, out);
    } else {
        set_state(now, id, ClaimState::Starting, "runs; its check has not passed yet", out);
    }
}

void Executor::ask_if_well(Instant now, const ContainerId& id, Effects& out) {
    Run& run = runs_.at(id);
    if (!run.running || run.stopping || run.restarting) return;
    if (!run.watch.ask(now, last_check_ + 1)) return;
    out.push_back(CheckContainer{id, ++last_check_, run.watch.check()});
}

void Executor::checked(Instant now, const CheckReport& report, Effects& out) {
    const auto found = runs_.find(report.id);
    if (found == runs_.end()) return;
    HealthWatch& watch = found->second.watch;
    const Health before = watch.health();
    const auto failures = watch.failures();
    if (!watch.answer(now, report.number, report.outcome, report.output)) return;
    if (watch.health() != before) {
        became(now, report.id, watch.health(), out);
    } else if (watch.failures() != failures && watch.health() != Health::Unhealthy) {
        // What stays unhealthy is not told each time.
        say(report.id, out);
    }
}

void Executor::became(Instant now, const ContainerId& id, Health health, Effects& out) {
    Run& run = runs_.at(id);
    if (health == Health::Healthy) {
        run.well_since = now;
        set_state(now, id, ClaimState::Healthy, "", out);
        return;
    }
    std::string why = "its check failed " + std::to_string(run.watch.failures()) + " times";
    if (!run.watch.output().empty()) why += ": " + run.watch.output();
    const bool stays = ledger_.find(id)->spec.restart == RestartPolicy::Never;
    if (stays) why = "runs on, for its restart is never; " + why;
    set_state(now, id, ClaimState::Unhealthy, std::move(why), out);
    if (!stays && !SHOAL_MUTANT(IgnoreUnhealthy)) restart_unwell(now, id, out);
}

// The promise stays: what is stopped here is started again here, as after a crash.
void Executor::restart_unwell(Instant now, const ContainerId& id, Effects& out) {
    Run& run = runs_.at(id);
    run.restarting = true;
    run.watch.rest();
    run.act_at = now + config_.stop_retry;
    const auto grace = ledger_.find(id)->spec.container.stop_grace_ms;
    out.push_back(StopContainer{id, StopReason::Unhealthy, grace});
}

}  // namespace shoal::placement
