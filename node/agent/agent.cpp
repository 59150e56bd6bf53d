#include "node/agent/agent.h"

#include "node/agent/facts.h"
#include "node/agent/tokens.h"
#include "node/base/check.h"
#include "node/base/overloaded.h"

#include <algorithm>
#include <string>
#include <utility>

namespace shoal::agent {

Agent::Agent(Identity identity, const Config& config, Random random, const Signer& signer,
             const Snapshot& rows)
    : self_(identity.self),
      boot_(identity.boot),
      membership_(identity.self, config.membership, random.fork(), identity.boot, rows),
      store_(identity.self, config.store, random.fork(), signer, rows),
      placement_(identity.self, config.placement, random.fork(), rows) {}

Effects Agent::step(Instant now, const Input& input) {
    SHOAL_CHECK(now >= last_step_);
    last_step_ = now;
    Effects out;
    std::visit([&](const auto& event) { on(now, event, out); }, input);
    run_errands(now, out);
    return out;
}

Instant Agent::wakeup() const {
    return std::min({membership_.wakeup(), store_.wakeup(), placement_.wakeup(), leave_by_});
}

void Agent::run_errands(Instant now, Effects& out) {
    while (!errands_.empty()) {
        const Errand errand = std::move(errands_.front());
        errands_.pop_front();
        const auto carry_all = [&](const auto& effects) {
            for (const auto& effect : effects) {
                carry(now, effect, out);
            }
        };
        std::visit(Overloaded{
                       [&](const membership::Input& in) { carry_all(membership_.step(now, in)); },
                       [&](const store::Input& in) { carry_all(store_.step(now, in)); },
                       [&](const placement::Input& in) { carry_all(placement_.step(now, in)); },
                   },
                   errand);
    }
}

void Agent::on(Instant now, const Start& start, Effects& out) {
    wall_ = start.wall;
    errands_.push_back(membership::Input{membership::Start{start.advertised, start.has_seeds}});
    run_errands(now, out);  // Membership now knows its incarnation and whom it remembers.
    const bool alone = !start.has_seeds && membership_.members().size() <= 1;
    errands_.push_back(placement::Input{placement::Start{start.facts, alone, start.volumes}});
    errands_.push_back(placement::Input{placement::Tick{wall_}});
    errands_.push_back(store::Input{store::Start{membership_.incarnation(), boot_}});
    facts_ = start.facts;
    publish_facts();
}

void Agent::publish_facts() {
    const Blob facts{placement::encode_facts(facts_)};
    errands_.push_back(store::Input{store::Publish{{{kSelfFact, facts}}}});
}

void Agent::on(Instant /*now*/, const Receive& receive, Effects& /*out*/) {
    if (receive.from == self_ && !std::holds_alternative<membership::Message>(receive.message)) {
        return;  // A twin of ours; membership deals with it, nobody else listens.
    }
    std::visit(Overloaded{
                   [&](const membership::Message& m) {
                       errands_.push_back(
                           membership::Input{membership::Receive{receive.from, receive.source, m}});
                   },
                   [&](const store::Message& m) {
                       errands_.push_back(store::Input{store::Receive{receive.from, m}});
                   },
                   [&](const placement::Message& m) {
                       errands_.push_back(placement::Input{placement::Receive{receive.from, m}});
                   },
               },
               receive.message);
}

void Agent::on(Instant /*now*/, const SeedsResolved& resolved, Effects& /*out*/) {
    errands_.push_back(membership::Input{membership::SeedsResolved{resolved.seeds}});
}

void Agent::on(Instant /*now*/, const StreamBroken& broken, Effects& /*out*/) {
    errands_.push_back(membership::Input{membership::StreamBroken{broken.peer}});
    errands_.push_back(store::Input{store::PeerReset{broken.peer}});
}

void Agent::on(Instant /*now*/, const StreamProbed& probed, Effects& /*out*/) {
    errands_.push_back(membership::Input{membership::StreamProbed{
        probed.peer, probed.question, probed.reach, probed.heard_our_datagrams}});
}

void Agent::on(Instant /*now*/, const Persisted& persisted, Effects& /*out*/) {
    const Token token = own_token(persisted.token);
    switch (owner_of(persisted.token)) {
        case Owner::Membership:
            errands_.push_back(membership::Input{membership::Persisted{token}});
            break;
        case Owner::Store:
            errands_.push_back(store::Input{store::Persisted{token}});
            break;
        case Owner::Placement:
            errands_.push_back(placement::Input{placement::Persisted{token}});
            break;
    }
}

void Agent::on(Instant /*now*/, const PersistFailed& failed, Effects& /*out*/) {
    const Token token = own_token(failed.token);
    switch (owner_of(failed.token)) {
        case Owner::Membership:
            errands_.push_back(membership::Input{membership::PersistFailed{token}});
            break;
        case Owner::Store:
            errands_.push_back(store::Input{store::PersistFailed{token, failed.why}});
            break;
        case Owner::Placement:
            errands_.push_back(placement::Input{placement::PersistFailed{token}});
            break;
    }
}

void Agent::on(Instant /*now*/, const RuntimeListed& listed, Effects& /*out*/) {
    errands_.push_back(placement::Input{placement::RuntimeListed{listed.containers}});
}

void Agent::on(Instant /*now*/, const RuntimeReported& reported, Effects& /*out*/) {
    errands_.push_back(placement::Input{placement::RuntimeReported{reported.report}});
}

void Agent::on(Instant /*now*/, const RemoveVolume& remove, Effects& /*out*/) {
    errands_.push_back(placement::Input{placement::RemoveVolume{remove.volume}});
}

void Agent::on(Instant /*now*/, const RuntimeTroubled& troubled, Effects& /*out*/) {
    errands_.push_back(placement::Input{placement::RuntimeTroubled{troubled.why}});
}

void Agent::on(Instant /*now*/, const CheckReported& reported, Effects& /*out*/) {
    errands_.push_back(placement::Input{reported.report});
}

void Agent::on(Instant /*now*/, const ClientWrite& write, Effects& /*out*/) {
    errands_.push_back(
        store::Input{store::Write{write.request, write.key, write.body, write.submission,
                                  write.wall, write.acks, write.only_if_absent}});
}

// The accepting node states at which generation the template last changed: a write that leaves it
// as it was (scale, policies) restarts nothing (architecture 5.2).
void Agent::on(Instant now, const ClientJob& job, Effects& out) {
    const std::string key = placement::job_key(job.spec.name);
    if (const auto valid = placement::validate(job.spec); !valid) {
        out.push_back(WriteDone{.request = job.request,
                                .outcome = store::WriteOutcome::Failed,
                                .key = key,
                                .why = valid.error().detail});
        return;
    }
    placement::JobSpec spec = job.spec;
    const store::Version* known = store_.find(key);
    spec.template_gen = known == nullptr ? 1 : known->gen + 1;
    if (known != nullptr && !known->tombstone) {
        const auto before = placement::decode_job(known->body.view());
        if (before && placement::template_hash(before->container) ==
                          placement::template_hash(spec.container)) {
            spec.template_gen = before->template_gen;
        }
    }
    const ClientWrite write{.request = job.request,
                            .key = key,
                            .body = Blob{placement::encode_job(spec)},
                            .submission = job.submission,
                            .wall = job.wall,
                            .acks = job.acks,
                            .only_if_absent = job.only_if_absent};
    on(now, write, out);
}

void Agent::on(Instant now, const Leave& leave, Effects& /*out*/) {
    leave_by_ = leave.now ? now : now + leave.deadline;
    facts_.draining = true;
    publish_facts();
    errands_.push_back(placement::Input{placement::Drain{true}});
}

void Agent::on(Instant /*now*/, const Restarting& /*restarting*/, Effects& /*out*/) {
    errands_.push_back(membership::Input{membership::Restarting{}});
}

void Agent::on(Instant now, const Tick& tick, Effects& /*out*/) {
    wall_ = tick.wall;
    if (membership_.wakeup() <= now) errands_.push_back(membership::Input{membership::Tick{}});
    if (store_.wakeup() <= now) errands_.push_back(store::Input{store::Tick{}});
    if (placement_.wakeup() <= now) errands_.push_back(placement::Input{placement::Tick{wall_}});
    if (leave_by_ <= now) {
        leave_by_ = kNever;
        errands_.push_back(membership::Input{membership::Leave{}});
    }
}

// The agent's own facts have one writer, and it is not the host.
void Agent::on(Instant /*now*/, const HostFacts& told, Effects& /*out*/) {
    store::Publish publish{told.facts};
    std::erase_if(publish.facts, [](const store::Fact& fact) {
        return !std::string_view{fact.key}.starts_with(kImagePrefix);
    });
    if (!publish.facts.empty()) errands_.push_back(store::Input{std::move(publish)});
}

void Agent::on(Instant /*now*/, const DiskSpace& space, Effects& /*out*/) {
    errands_.push_back(placement::Input{placement::DiskSpace{space.low}});
}

}  // namespace shoal::agent
