// The coordinator's market: whom to ask, what to take, what to do with the answers.
#include "node/base/rendezvous.h"
#include "placement/coordinator.h"
#include "placement/executor.h"
#include "placement/slots.h"
#include "placement/spread.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace shoal::placement {
namespace {

// Each replica of the job a node already holds makes it this much dearer: more than any price of
// fullness, so replicas of one job spread before nodes fill up.
constexpr std::uint64_t kSpread = 10'000;
constexpr std::uint32_t kSlotsPerAward = 64;

// Of what a node says for itself; it is kept per job and node, and shown to people.
constexpr std::size_t kReasonsKept = 16;
constexpr std::size_t kDetailKept = 700;
constexpr std::size_t kSentenceKept = 4000;

}  // namespace

Duration Coordinator::retry_after(std::uint32_t failures) {
    Duration wait = config_.retry_min;
    for (std::uint32_t i = 0; i < failures && wait < config_.retry_max; ++i) {
        wait *= 2;
    }
    wait = std::min(wait, config_.retry_max);
    const auto half = static_cast<std::uint64_t>(wait.count()) / 2;
    return wait - Duration{static_cast<Duration::rep>(random_.below(half + 1))};
}

// Why a node is not even asked, by what is known of it here.
std::vector<Reason> Coordinator::unfit(Instant now, const NodeId& node, const JobSpec& spec) const {
    std::vector<Reason> out;
    if (!view_.is_present(node)) {
        const auto standing = view_.peers.at(node).standing;
        out.push_back({Filter::Unreachable, 0, 0, "is " + std::string{to_string(standing)}});
        return out;
    }
    const auto known = view_.facts.find(node);
    if (known == view_.facts.end()) {
        out.push_back({Filter::NotSettled, 0, 0, "has not told what it offers yet"});
        return out;
    }
    const NodeFacts& facts = known->second;
    if (!facts.runtime) out.push_back({Filter::NoRuntime, 0, 0, "runs no containers"});
    if (facts.draining) out.push_back({Filter::Draining, 0, 0, "drains"});
    for (const Constraint& constraint : spec.constraints) {
        if (!holds(constraint, facts)) {
            out.push_back({Filter::Constraint, 0, 0, "lacks " + to_string(constraint)});
        }
    }
    if (needs_privilege(spec.container.process) && !facts.privileged) {
        out.push_back({Filter::Privilege, 0, 0, std::string{kNoPrivilege}});
    }
    if (const auto bind = forbidden_bind(spec.container.mounts, facts.binds); !bind.empty()) {
        out.push_back({Filter::Bind, 0, 0,
                       "lets no container mount " + bind + " (its agent's --allow-bind)"});
    }
    const auto failed = failed_on_.find({spec.name, node});
    if (failed != failed_on_.end() && failed->second > now) {
        out.push_back({Filter::Backoff, 0, 0, "failed to run it a moment ago"});
    }
    return out;
}

// Whom to ask: all that may be able to, if they are few; among them those that alone can.
std::vector<NodeId> Coordinator::candidates(Instant now, const JobSpec& spec, Job& job,
                                            const std::vector<Need>& missing) {
    std::set<NodeId> wanted;
    for (const Need& need : missing) {
        if (need.only) wanted.insert(*need.only);
    }
    const bool others_too =
        std::any_of(missing.begin(), missing.end(), [](const Need& need) { return !need.only; });
    std::vector<NodeId> fit;
    const auto weigh = [&](const NodeId& node) {
        auto reasons = unfit(now, node, spec);
        if (spec.global && !wanted.contains(node)) {
            if (reasons.empty()) reasons.push_back({Filter::PerNodeMax, 1, 1, "has its own"});
        } else if (!others_too && !wanted.contains(node)) {
            reasons.push_back({Filter::Volume, 0, 0, only_there(now, spec, missing.front())});
        }
        if (reasons.empty()) {
            fit.push_back(node);
        } else {
            job.verdicts[node] = {node, false, 0, std::move(reasons), now};
        }
    };
    weigh(view_.self);
    for (const auto& [node, peer] : view_.peers) {
        if (peer.standing != Standing::Left) weigh(node);
    }
    random_.shuffle(std::span{fit});
    std::partition(fit.begin(), fit.end(),
                   [&](const NodeId& node) { return wanted.contains(node); });
    const auto most = std::min<std::size_t>(
        std::max<std::size_t>(config_.candidates_min, missing.size() * 2), config_.candidates_max);
    if (fit.size() > std::max(most, wanted.size())) fit.resize(std::max(most, wanted.size()));
    return fit;
}

void Coordinator::solicit(Instant now, const JobSpec& spec, Job& job,
                          const std::vector<Need>& missing, Effects& out) {
    std::erase_if(failed_on_, [&](const auto& item) { return item.second <= now; });
    const auto fit = candidates(now, spec, job, missing);
    Round round{.request = ++last_request_, .deadline = now + config_.bid_deadline};
    // An update comes alone.
    if (const Need& first = missing.front(); first.stop_first) {
        round.instead = Instead{first.index, first.replaces->epoch};
    }
    const BidRequest request{.request = round.request,
                             .job = spec.name,
                             .template_gen = spec.template_gen,
                             .slots = static_cast<std::uint32_t>(missing.size()),
                             .need = reserved(spec),
                             .ports = spec.container.ports,
                             .constraints = spec.constraints,
                             .per_node_max = spec.per_node_max,
                             .privileged = needs_privilege(spec.container.process),

                             .instead = round.instead,
                             .image = spec.container.image};
    for (const NodeId& node : fit) {
        round.asked.insert(node);
        job.verdicts[node] = {node, false, 0, {{Filter::NoAnswer, 0, 0, "has not answered"}}, now};
        out.push_back(Send{node, request});
    }
    job.round = std::move(round);
    if (job.round->asked.empty()) clear(now, spec, job, out);
}

void Coordinator::hear(Instant now, NodeId from, const Bid& bid) {
    for (auto& [name, job] : jobs_) {
        if (!job.round || job.round->request != bid.request) continue;
        if (job.round->asked.erase(from) == 0) return;
        const std::uint32_t price = bid.prices.empty() ? 0 : bid.prices.front();
        Verdict& verdict = job.verdicts[from] = {from, true, price, {}, now};
        if (bid.lacks_image) {
            verdict.reasons.push_back(
                {Filter::Image, 0, 0, "has to fetch it first; dearer for that"});
        }
        Bid& kept = job.round->bids[from];
        kept = bid;
        if (kept.prices.size() > kSlotsPerAward) kept.prices.resize(kSlotsPerAward);
        return;
    }
}

void Coordinator::hear(Instant now, NodeId from, const NoBid& no) {
    for (auto& [name, job] : jobs_) {
        if (!job.round || job.round->request != no.request) continue;
        if (job.round->asked.erase(from) == 0) return;
        auto reasons = no.reasons;
        if (reasons.size() > kReasonsKept) reasons.resize(kReasonsKept);
        for (Reason& reason : reasons) {
            if (reason.detail.size() > kDetailKept) reason.detail.resize(kDetailKept);
        }
        job.verdicts[from] = {from, false, 0, std::move(reasons), now};
        return;
    }
}

// One pass over the slots; each pick counts the picks before it.
void Coordinator::clear(Instant now, const JobSpec& spec, Job& job, Effects& out) {
    const Round round = std::move(*job.round);
    job.round.reset();
    Instant again = kNever;
    const auto missing = needs(now, spec, job, again);
    if (!missing.empty() && !may_begin(spec, job, out)) {
        job.due = again;  // It may begin no more since bids were asked for.
        return;
    }
    std::map<NodeId, std::uint64_t> here;
    for (auto at = view_.claims.lower_bound({spec.name, 0});
         at != view_.claims.end() && at->first.job == spec.name; ++at) {
        for (const auto& [owner, claim] : at->second) {
            if (is_live(claim.state)) ++here[owner.first];
        }
    }
    Spread spread{view_, spec};
    std::map<NodeId, std::vector<AwardedSlot>> picks;
    std::size_t unplaced = 0;
    for (const Need& need : missing) {
        std::optional<std::tuple<std::vector<std::uint64_t>, std::uint64_t, std::uint64_t, NodeId>>
            best;
        // A pick before it may have decided where a volume of this one is.
        const auto only = need.only ? need.only : pin_of(now, spec, need.index).only;
        const auto instead = need.stop_first
                                 ? std::optional{Instead{need.index, need.replaces->epoch}}
                                 : std::nullopt;
        for (const auto& [node, bid] : round.bids) {
            if (!view_.is_present(node)) continue;  // Lost since it bid.
            if ((only && *only != node) || (instead && instead != round.instead)) continue;
            const auto taken = picks[node].size();
            if (taken >= bid.prices.size() || taken >= kSlotsPerAward) continue;
            const std::uint64_t count = here[node] + taken - (need.stop_first ? 1 : 0);
            if (spec.per_node_max != 0 && count >= spec.per_node_max) continue;
            const std::uint64_t price = bid.prices[taken] + count * kSpread;
            const auto tie = ~rendezvous_score(spec.name + std::to_string(need.index), node);
            auto offer = std::make_tuple(spread.crowd(node), price, tie, node);
            if (!best || offer < *best) best = std::move(offer);
        }
        if (!best) {
            ++unplaced;
            continue;
        }
        Epoch& issued = job.issued[need.index];
        issued = std::max(issued, view_.highest_epoch({spec.name, need.index})) + 1;
        const NodeId& taker = std::get<NodeId>(*best);
        spread.took(taker);
        picks[taker].push_back({need.index, issued, need.replaces, need.stop_first});
        lean(now, taker, spec, need.index);
    }
    for (auto& [node, slots] : picks) {
        if (slots.empty()) continue;
        award(now, spec, job, {node, round.bids.at(node).ticket, std::move(slots)}, out);
    }
    if (unplaced == 0) {
        job.failures = 0;
        job.due = again;
        return;
    }
    explain_missing(spec, job, unplaced, out);
    job.due = std::min(again, now + retry_after(job.failures++));
}

void Coordinator::award(Instant now, const JobSpec& spec, Job& job, const Winner& won,
                        Effects& out) {
    const auto& [to, ticket, slots] = won;
    OpenAward open{
        .to = to,
        .award = {.request = ++last_request_, .ticket = ticket, .spec = spec, .slots = slots},
        .expires = now + config_.award_life,
        .resend_at = now + config_.award_resend};
    for (const AwardedSlot& slot : open.award.slots) {
        out.push_back(
            SlotDecided{{spec.name, slot.index},
                        slot.replaces ? SlotDecided::What::Replacing : SlotDecided::What::Awarded,
                        to,
                        "awarded to " + view_.name_of(to)});
    }
    out.push_back(Send{to, open.award});
    job.awards[open.award.request] = std::move(open);
}

void Coordinator::tend_awards(Instant now, Job& job, Effects& out) {
    std::erase_if(job.awards, [&](const auto& item) {
        if (item.second.expires > now) return false;
        job.due = now;  // Unanswered for as long as its ticket lived: the slot is open again.
        return true;
    });
    for (auto& [request, open] : job.awards) {
        if (open.resend_at > now) continue;
        open.resend_at = now + config_.award_resend;
        out.push_back(Send{open.to, open.award});
    }
}

void Coordinator::hear(Instant now, NodeId from, const Awarded& answer) {
    const auto found = jobs_.find(answer.job);
    if (found == jobs_.end()) return;
    Job& job = found->second;
    const auto open = job.awards.find(answer.request);
    if (open == job.awards.end() || open->second.to != from) return;
    const auto& slots = open->second.award.slots;
    // An answer about what was not asked leaves nothing behind.
    const auto asked = [&](const auto& slot) {
        return std::any_of(slots.begin(), slots.end(), [&](const AwardedSlot& one) {
            return one.index == slot.index && one.epoch == slot.epoch;
        });
    };
    for (const AcceptedSlot& slot : answer.accepted) {
        if (!asked(slot)) continue;
        job.busy[slot.index] = now + config_.claim_wait;
    }
    bool taken = false;
    for (const RefusedSlot& slot : answer.refused) {
        if (!asked(slot)) continue;
        Epoch& issued = job.issued[slot.index];
        // A hostile answer must not leave us without epochs.
        if (slot.highest_epoch < kEpochMax) issued = std::max(issued, slot.highest_epoch);
        taken = taken || slot.why == Refusal::Taken || slot.why == Refusal::Volume;
        lean_no_more(from, open->second.award.spec, slot.index);
    }
    job.awards.erase(open);
    if (answer.refused.empty()) {
        job.due = std::min(job.due, now + config_.claim_wait);
        return;
    }
    // "Taken" means a claim is known there that has not reached us: give it time to.
    const Duration wait = taken ? config_.retry_max / 5 : retry_after(job.failures++);
    job.due = std::min(job.due, now + wait);
}

// ---- explain

void Coordinator::explain_missing(const JobSpec& spec, Job& job, std::size_t missing,
                                  Effects& out) {
    const auto all = wanted_slots(view_, spec).size();
    std::string text = std::to_string(missing) + " of " + std::to_string(all) + " not placed: ";
    std::size_t told = 0;
    for (const auto& [node, verdict] : job.verdicts) {
        if (verdict.bids) continue;
        if (told == 8) {
            text += "; and others";
            break;
        }
        if (told++ > 0) text += "; ";
        text += view_.name_of(node) + " ";
        for (std::size_t i = 0; i < verdict.reasons.size(); ++i) {
            if (i > 0) text += ", ";
            text += verdict.reasons[i].detail;
        }
    }
    if (told == 0) text += job.verdicts.empty() ? "no node to ask" : "all that bid are full";
    for (const auto& [index, why] : job.waiting) {
        text += "; " + shown(view_, spec, index) + " waits for " + why;
        if (text.size() > kSentenceKept) break;
    }
    say_missing(spec, job, std::move(text), out);
}

std::vector<Verdict> Coordinator::verdicts(const std::string& job) const {
    std::vector<Verdict> out;
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) return out;
    for (const auto& [node, verdict] : found->second.verdicts) {
        out.push_back(verdict);
    }
    return out;
}

std::string Coordinator::sentence(const std::string& job) const {
    const auto found = jobs_.find(job);
    return found == jobs_.end() ? "" : found->second.sentence;
}

}  // namespace shoal::placement
