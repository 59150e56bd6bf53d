#include "placement/coordinator.h"

#include "node/base/mutant.h"
#include "node/base/rendezvous.h"
#include "placement/executor.h"
#include "placement/slots.h"
#include "placement/waiting.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace shoal::placement {
namespace {

// It did what it was for; or it must not run twice, and has run: a start that failed is tried
// elsewhere all the same.
bool is_over(const Claim& claim, const JobSpec& spec) {
    if (claim.template_gen != spec.template_gen) return false;
    const bool ran_once = spec.restart == RestartPolicy::Never && claim.exit_code != 0;
    return (claim.state == ClaimState::Complete && spec.restart != RestartPolicy::Always) ||
           (claim.state == ClaimState::Failed && ran_once);
}

}  // namespace

Coordinator::Coordinator(const View& view, const CoordinatorConfig& config, Random random)
    : view_(view), config_(config), random_(random) {}

void Coordinator::wake(const std::string& job) {
    if (!view_.jobs.contains(job)) return;
    jobs_[job].due = Instant{};
    const auto dependents = view_.dependents.find(job);
    if (dependents == view_.dependents.end()) return;
    for (const auto& name : dependents->second) {
        const auto found = jobs_.find(name);
        if (found != jobs_.end() && found->second.waits) found->second.due = Instant{};
    }
}

void Coordinator::wake_all() {
    for (auto& [name, job] : jobs_) {
        job.due = Instant{};
    }
}

void Coordinator::settled() {
    settled_ = true;
    wake_all();
}

// Nothing more will come from it: what was awarded there is open again at once.
void Coordinator::peer_lost(NodeId peer) {
    for (auto& [name, job] : jobs_) {
        std::erase_if(job.awards, [&](const auto& item) { return item.second.to == peer; });
        if (job.round) job.round->asked.erase(peer);
    }
}

Instant Coordinator::wakeup() const {
    Instant next = kNever;
    if (!settled_) return next;
    for (const auto& [name, job] : jobs_) {
        next = std::min(next, job.due);
        if (job.round) next = std::min(next, job.round->deadline);
        for (const auto& [request, open] : job.awards) {
            next = std::min({next, open.resend_at, open.expires});
        }
    }
    return next;
}

void Coordinator::run(Instant now, Effects& out) {
    if (!settled_) return;
    std::vector<std::string> gone;
    for (auto& [name, job] : jobs_) {
        tend_awards(now, job, out);
        const JobSpec* spec = view_.spec(name);
        if (job.round && spec != nullptr &&
            (job.round->deadline <= now || job.round->asked.empty())) {
            clear(now, *spec, job, out);
        }
        if (job.due > now) continue;
        if (spec == nullptr) {
            gone.push_back(name);
            continue;
        }
        consider(now, name, job, out);
    }
    for (const auto& name : gone) {
        jobs_.erase(name);
    }
}

// ---- who acts

void Coordinator::refresh_rank(const std::string& name, Job& job) const {
    auto key = view_.order_key(name);
    if (job.rank_version == view_.roster_version + 1 && job.key == key) return;
    job.rank_version = view_.roster_version + 1;
    job.key = std::move(key);
    job.above.clear();
    const auto mine = std::make_tuple(rendezvous_score(job.key, view_.self), view_.self);
    for (const auto& [node, peer] : view_.peers) {
        if (!present(peer.standing)) continue;
        if (std::make_tuple(rendezvous_score(job.key, node), node) > mine)
            job.above.push_back(node);
    }
    job.rank = static_cast<std::uint32_t>(job.above.size());
}

// The first acts. The second and third ask those above and act if none of them answers.
bool Coordinator::may_act(Instant now, const std::string& name, Job& job, Effects& out) {
    refresh_rank(name, job);
    if (job.rank == 0) return true;
    if (job.rank > 2) {
        job.due = kNever;
        return false;
    }
    if (now < job.stood_down_until) {
        job.due = job.stood_down_until;
        return false;
    }
    if (job.status_request != 0 && job.status_deadline <= now) return true;
    if (job.status_request == 0) {
        job.status_request = ++last_request_;
        job.status_deadline = now + config_.rank_answer;
        for (const NodeId& above : job.above) {
            out.push_back(Send{above, StatusRequest{job.status_request, name}});
        }
    }
    job.due = job.status_deadline;
    return false;
}

void Coordinator::hear(Instant /*now*/, NodeId from, const StatusRequest& asked,
                       Effects& out) const {
    const bool looks_after = settled_ && view_.spec(asked.job) != nullptr;
    out.push_back(Send{from, Status{asked.request, asked.job, looks_after}});
}

void Coordinator::hear(Instant now, NodeId from, const Status& answer) {
    const auto found = jobs_.find(answer.job);
    if (found == jobs_.end() || !answer.settled) return;
    Job& job = found->second;
    if (job.status_request == 0 || job.status_request != answer.request) return;
    if (std::find(job.above.begin(), job.above.end(), from) == job.above.end()) return;
    job.status_request = 0;
    job.stood_down_until = now + config_.stand_down;
    job.due = job.stood_down_until;
}

// ---- what is missing

// When a node counts as lost for this job; kNever while it does not.
Instant Coordinator::lost_at(const NodeId& node, const JobSpec& spec) const {
    if (node == view_.self) return kNever;
    const auto peer = view_.peers.find(node);
    if (peer == view_.peers.end()) return kNever;  // Never heard of: no evidence of anything.
    const Standing standing = peer->second.standing;
    if (standing == Standing::Unreachable && spec.on_partition == OnPartition::Keep) return kNever;
    const Duration delay = delay_of(config_.delays, standing, peer->second.announced);
    if (delay == Duration::max() || SHOAL_MUTANT(ReplaceNobody)) return kNever;
    return peer->second.since + delay;
}

// A coordinator that was first before and is lost may have tickets out: a slot without any claim
// waits until they are dead.
Instant Coordinator::takeover_at(const std::string& key) const {
    auto first = std::make_tuple(rendezvous_score(key, view_.self), view_.self);
    Instant lost{};
    for (const auto& [node, peer] : view_.peers) {
        if (peer.standing == Standing::Left) continue;
        const auto score = std::make_tuple(rendezvous_score(key, node), node);
        if (score <= first) continue;
        first = score;
        lost = present(peer.standing) ? Instant{} : peer.since;
    }
    return lost == Instant{} ? lost : lost + config_.takeover_wait;
}

std::vector<Coordinator::Need> Coordinator::needs(Instant now, const JobSpec& spec, Job& job,
                                                  Instant& again) const {
    std::set<std::uint32_t> open;
    for (const auto& [request, award] : job.awards) {
        for (const AwardedSlot& slot : award.award.slots) {
            open.insert(slot.index);
        }
    }
    std::vector<Need> missing;
    std::vector<std::pair<std::uint32_t, Held>> outdated;
    job.waiting.clear();
    bool update_under_way = false;
    for (const auto& [index, owner] : wanted_slots(view_, spec)) {
        if (open.contains(index)) continue;
        const auto claims = view_.claims_of({spec.name, index});
        const Held* newest_live = nullptr;
        bool held_by_present = false;
        bool ended = false;
        Instant all_lost{};
        for (const Held& held : claims) {
            if (is_over(held.claim, spec)) ended = true;
            if (held.claim.state == ClaimState::Failed && view_.is_present(held.node) &&
                held.claim.template_gen == spec.template_gen) {
                failed_on_.try_emplace({spec.name, held.node}, now + config_.failed_node_backoff);
            }
            if (!is_live(held.claim.state)) continue;
            const Instant lost = lost_at(held.node, spec);
            if (lost == kNever || lost > now) held_by_present = true;
            all_lost = std::max(all_lost, lost);
            const bool newer =
                newest_live == nullptr ||
                std::tie(held.claim.template_gen, held.claim.epoch) >
                    std::tie(newest_live->claim.template_gen, newest_live->claim.epoch);
            if (newer) newest_live = &held;
        }
        if (ended) continue;
        if (held_by_present) {
            job.busy.erase(index);
            if (all_lost != kNever) again = std::min(again, all_lost);
            const bool current = newest_live->claim.template_gen >= spec.template_gen;
            if (!current) {
                outdated.emplace_back(index, *newest_live);
            } else if (newest_live->claim.state != ClaimState::Healthy) {
                update_under_way = true;
            }
            continue;
        }
        const auto busy = job.busy.find(index);
        if (busy != job.busy.end() && busy->second > now) {
            again = std::min(again, busy->second);
            continue;
        }
        Need need{.index = index};
        if (newest_live != nullptr) {
            need.replaces =
                Replaces{newest_live->node, newest_live->claim.epoch, ReplaceKind::PresumedLost};
        } else if (const Instant wait = takeover_at(view_.order_key(spec.name)); wait > now) {
            again = std::min(again, wait);
            continue;
        }
        auto pin = pin_of(now, spec, index);
        if (!pin.waits.empty()) {
            job.waiting[index] = std::move(pin.waits);
            if (spec.on_volume_loss == OnVolumeLoss::Recreate) {
                again = std::min(again, now + config_.retry_max / 5);
            }
            continue;
        }
        need.only = owner ? owner : pin.only;
        missing.push_back(need);
    }
    // One at a time, and only while everything else stands: an update never makes a hole bigger.
    const bool may_update = missing.empty() && open.empty() && !update_under_way;
    for (const auto& [index, old] : outdated) {
        if (!may_update || !missing.empty()) break;
        auto pin = pin_of(now, spec, index);
        if (pin.waits.empty()) {
            missing.push_back(update_of(now, spec, job, index, old));
        } else {
            job.waiting[index] = std::move(pin.waits);
        }
    }
    return missing;
}

// Not before what it comes after. Looked at again whenever something of that changes.
bool Coordinator::may_begin(const JobSpec& spec, Job& job, Effects& out) const {
    auto reason = waits_for(view_, spec);
    job.waits = reason.has_value();
    if (!reason || SHOAL_MUTANT(IgnoreOrder)) return true;
    refresh_rank(spec.name, job);
    if (job.rank == 0) say_missing(spec, job, std::move(*reason), out);
    return false;
}

void Coordinator::say_missing(const JobSpec& spec, Job& job, std::string text, Effects& out) const {
    if (text == job.sentence) return;
    job.sentence = text;
    out.push_back(SlotDecided{{spec.name, 0}, SlotDecided::What::Pending, {}, std::move(text)});
}

void Coordinator::consider(Instant now, const std::string& name, Job& job, Effects& out) {
    const JobSpec& spec = *view_.spec(name);
    job.due = kNever;
    if (job.round) return;
    Instant again = kNever;
    const auto missing = needs(now, spec, job, again);
    job.due = again;
    if (missing.empty()) {
        job.waits = false;
        job.failures = 0;
        job.status_request = 0;
        tell_waiting(name, spec, job, out);
        return;
    }
    if (!may_begin(spec, job, out)) return;
    if (!may_act(now, name, job, out)) {
        job.due = std::min(job.due, again);
        return;
    }
    solicit(now, spec, job, missing, out);
}

}  // namespace shoal::placement
