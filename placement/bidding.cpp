// The executor's answers to a coordinator: bids with prices, refusals with every reason, awards
// taken into the ledger before anything starts.
#include "node/base/mutant.h"
#include "placement/executor.h"
#include "placement/slots.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {
namespace {

// Per node the price of its n-th replica rises, so a job with equal nodes spreads; a fuller node is
// cheaper to begin with, so that different jobs pack. Spread within a job is the coordinator's.
constexpr std::uint32_t kFullPrice = 1000;
constexpr std::uint32_t kStep = 10;
// To fetch an image costs more than to leave a node emptier: a start there is slow, and the wire
// and the disk are everybody's.
constexpr std::uint32_t kPullPrice = 1000;
constexpr std::uint32_t kSlotsPerBidMax = 64;

std::uint32_t used_permille(const Ledger& ledger) {
    const auto capacity = ledger.capacity();
    const auto used = ledger.used();
    std::uint64_t share = 0;
    if (capacity.cpu_milli > 0) {
        share = std::max<std::uint64_t>(share,
                                        std::uint64_t{used.cpu_milli} * 1000 / capacity.cpu_milli);
    }
    const auto mebi = capacity.memory_bytes >> 20U;
    if (mebi > 0) share = std::max(share, (used.memory_bytes >> 20U) * 1000 / mebi);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(share, kFullPrice));
}

// A replica that drains is not counted among those of its job.
std::uint32_t counted(const Promise* promise) {
    return promise != nullptr && !promise->draining ? 1 : 0;
}

// No valid spec asks for so much; each item may cost a reason, and all of them must fit an answer.
bool absurd(const BidRequest& request) {
    const auto too_long = [](const Constraint& constraint) {
        return constraint.attribute.size() + constraint.value.size() > kConstraintBytesMax;
    };
    return request.ports.size() > kPortsMax || request.constraints.size() > kConstraintsMax ||
           request.image.size() > kImageNameMax ||
           std::any_of(request.constraints.begin(), request.constraints.end(), too_long);
}

}  // namespace

std::optional<std::string> attribute_of(const std::string& name, const NodeFacts& facts) {
    constexpr std::string_view kLabels = "node.labels.";
    if (name == "node.name") return facts.name;
    if (name == "node.zone") return facts.zone;
    if (!name.starts_with(kLabels)) return std::nullopt;
    const auto found = facts.labels.find(name.substr(kLabels.size()));
    if (found == facts.labels.end()) return std::nullopt;
    return found->second;
}

bool holds(const Constraint& constraint, const NodeFacts& facts) {
    const auto value = attribute_of(constraint.attribute, facts);
    switch (constraint.op) {
        case Constraint::Op::Equals:
            return value == constraint.value;
        case Constraint::Op::NotEquals:
            return value != constraint.value;
        case Constraint::Op::Exists:
            return value.has_value();
    }
    return false;
}

std::string to_string(const Constraint& constraint) {
    switch (constraint.op) {
        case Constraint::Op::Equals:
            return constraint.attribute + " == " + constraint.value;
        case Constraint::Op::NotEquals:
            return constraint.attribute + " != " + constraint.value;
        case Constraint::Op::Exists:
            return constraint.attribute + " exists";
    }
    return constraint.attribute;
}

std::vector<Reason> Executor::reasons_against(Instant now, const BidRequest& request) const {
    std::vector<Reason> out;
    if (!facts_.runtime) out.push_back({Filter::NoRuntime, 0, 0, "runs no containers"});
    const bool ignored = SHOAL_MUTANT(BidInTrouble);
    if (!trouble_.empty() && !ignored) out.push_back({Filter::NoRuntime, 0, 0, trouble_});
    if (draining_) out.push_back({Filter::Draining, 0, 0, "drains"});
    if (!listed_ || !settled_) out.push_back({Filter::NotSettled, 0, 0, "has just started"});
    if (now < disk_trusted_at_) {
        out.push_back({Filter::Disk, 0, 0, "its disk refused a write a moment ago"});
    }
    if (!low_disk_.empty() && !ignored) out.push_back({Filter::Disk, 0, 0, low_disk_});
    for (const Constraint& constraint : request.constraints) {
        if (!holds(constraint, facts_)) {
            out.push_back({Filter::Constraint, 0, 0, "lacks " + to_string(constraint)});
        }
    }
    if (request.privileged && !facts_.privileged) {
        out.push_back({Filter::Privilege, 0, 0, std::string{kNoPrivilege}});
    }
    const Promise* instead = instead_of(request);
    const auto here = ledger_.replicas_of(request.job) - counted(instead);
    if (request.per_node_max != 0 && here >= request.per_node_max) {
        out.push_back({Filter::PerNodeMax, request.per_node_max, here,
                       "has " + std::to_string(here) + " of at most " +
                           std::to_string(request.per_node_max)});
    }
    const auto lacking = ledger_.lacking(request.need, request.ports, 1, instead);
    out.insert(out.end(), lacking.begin(), lacking.end());
    return out;
}

// What would be over before that which is asked about starts.
const Promise* Executor::instead_of(const BidRequest& request) const {
    if (!request.instead) return nullptr;
    return ledger_.find({{request.job, request.instead->index}, request.instead->epoch});
}

void Executor::image_seen(const ImageSeen& seen) {
    if (seen.here) {
        images_.insert(seen.digest);
    } else {
        images_.erase(seen.digest);
    }
}

// One that is not pinned to a digest is the runtime's to find.
bool Executor::lacks(std::string_view image) const {
    const auto at = image.rfind('@');
    return at != std::string_view::npos && !images_.contains(image.substr(at + 1));
}

void Executor::asked(Instant now, const BidRequest& request, NodeId from, Effects& out) {
    if (absurd(request)) return;
    auto reasons = reasons_against(now, request);
    if (!reasons.empty()) {
        out.push_back(Send{from, NoBid{request.request, std::move(reasons)}});
        return;
    }
    const Promise* instead = instead_of(request);
    std::uint32_t most = std::min(request.slots, kSlotsPerBidMax);
    if (request.per_node_max != 0) {
        most = std::min(most,
                        request.per_node_max + counted(instead) - ledger_.replicas_of(request.job));
    }
    Bid bid{
        .request = request.request, .ticket = random_.next(), .lacks_image = lacks(request.image)};
    const std::uint32_t base =
        kFullPrice - used_permille(ledger_) + (bid.lacks_image ? kPullPrice : 0);
    while (bid.prices.size() < most) {
        const auto count = static_cast<std::uint32_t>(bid.prices.size()) + 1;
        if (!ledger_.lacking(request.need, request.ports, count, instead).empty()) break;
        bid.prices.push_back(base + kStep * (count - 1));
    }
    if (tickets_.size() >= config_.tickets_max) tickets_.erase(tickets_.begin());
    tickets_[bid.ticket] = now + config_.ticket_life;
    out.push_back(Send{from, std::move(bid)});
}

std::optional<RefusedSlot> Executor::refusal(const Award& award, const AwardedSlot& wanted) const {
    const SlotId slot{award.spec.name, wanted.index};
    const auto known = view_.jobs.find(award.spec.name);
    RefusedSlot no{
        .index = wanted.index,
        .epoch = wanted.epoch,
        .highest_epoch = std::max(view_.highest_epoch(slot), ledger_.highest_epoch(slot))};
    const auto because = [&](Refusal why) {
        no.why = why;
        return no;
    };
    if (draining_) return because(Refusal::Draining);
    if (known != view_.jobs.end()) {
        const auto& spec = known->second.spec;
        if (!spec) return because(Refusal::Deleted);
        no.template_gen = spec->template_gen;
        const bool stale = spec->template_gen > award.spec.template_gen ||
                           !(may_have(*spec, wanted.index, view_.self) ||
                             may_have(award.spec, wanted.index, view_.self));
        if (stale) return because(Refusal::StaleSpec);
    }
    if (!may_have(award.spec, wanted.index, view_.self)) return because(Refusal::StaleSpec);
    if (wanted.epoch <= no.highest_epoch && !SHOAL_MUTANT(AcceptLowerEpoch)) {
        return because(Refusal::LowerEpoch);
    }
    // A claim of our own that the store has not shown us yet: another coordinator was faster.
    for (const auto& [id, promise] : ledger_.all()) {
        const bool stands = id.slot == slot && !promise.draining &&
                            promise.spec.template_gen >= award.spec.template_gen;
        if (stands) return because(Refusal::Taken);
    }
    for (const Held& held : view_.claims_of(slot)) {
        if (!is_live(held.claim.state)) continue;
        // It would be stopped as superseded the moment it ran.
        const bool newer_runs = held.claim.state == ClaimState::Healthy &&
                                view_.is_present(held.node) &&
                                held.claim.template_gen > award.spec.template_gen;
        if (newer_runs) return because(Refusal::StaleSpec);
        if (wanted.replaces && held.claim.epoch <= wanted.replaces->epoch) continue;
        const auto peer = view_.peers.find(held.node);
        const bool gone = peer != view_.peers.end() && (peer->second.standing == Standing::Dead ||
                                                        peer->second.standing == Standing::Left);
        if (!gone) return because(Refusal::Taken);
    }
    if (needs_privilege(award.spec.container.process) && !facts_.privileged) {
        return because(Refusal::Privilege);
    }
    if (!forbidden_bind(award.spec.container.mounts, facts_.binds).empty()) {
        return because(Refusal::Bind);
    }
    if (held_elsewhere(award.spec, wanted.index)) return because(Refusal::Volume);
    const ContainerId before{slot, predecessor(award, wanted)};
    const Promise* instead = ledger_.find(before);
    // One at a time: what waits itself is not waited for.
    if (instead != nullptr && ledger_.find({slot, instead->after}) != nullptr) {
        return because(Refusal::Taken);
    }
    if (ledger_.successor(before) != nullptr) return because(Refusal::Taken);
    if (!ledger_.lacking(reserved(award.spec), award.spec.container.ports, 1, instead).empty()) {
        return because(Refusal::NoCapacity);
    }
    return std::nullopt;
}

void Executor::awarded(Instant now, const Award& award, NodeId from, Effects& out) {
    if (!validate(award.spec) || award.slots.size() > kSlotsPerBidMax) return;
    const bool absurd = std::any_of(award.slots.begin(), award.slots.end(),
                                    [](const auto& slot) { return slot.epoch >= kEpochMax; });
    if (absurd) return;
    PendingAward pending{.from = from, .request = award.request, .job = award.spec.name};
    const auto ticket = tickets_.find(award.ticket);
    const bool good_ticket = ticket != tickets_.end() && ticket->second > now;
    // Part of it is being written for somebody already: the answer to a repetition will be whole.
    const bool under_way =
        std::any_of(award.slots.begin(), award.slots.end(), [&](const auto& slot) {
            const ContainerId id{{award.spec.name, slot.index}, slot.epoch};
            return ledger_.find(id) != nullptr && !is_synced(id);
        });
    if (under_way) return;
    Batch rows;
    for (const AwardedSlot& wanted : award.slots) {
        const ContainerId id{{award.spec.name, wanted.index}, wanted.epoch};
        if (const Promise* known = ledger_.find(id)) {
            pending.accepted.push_back({wanted.index, wanted.epoch, known->token});
            continue;
        }
        auto no = refusal(award, wanted);
        if (!no && !good_ticket) {
            no = RefusedSlot{.index = wanted.index, .epoch = wanted.epoch, .why = Refusal::Expired};
        }
        if (no) {
            no->detail = to_string(no->why);
            pending.refused.push_back(std::move(*no));
            continue;
        }
        const Promise& promise = ledger_.add({.slot = id.slot,
                                              .epoch = id.epoch,
                                              .spec = award.spec,
                                              .token = random_.next(),
                                              .replaces = wanted.replaces,
                                              .after = predecessor(award, wanted)});
        runs_[id].since = wall_;
        pending.accepted.push_back({wanted.index, wanted.epoch, promise.token});
        rows.push_back(ledger_.row(promise));
        take_volumes(promise, false, rows);
        if (SHOAL_MUTANT(StartBeforeSync)) {
            out.push_back(StartContainer{id, promise.spec.container, promise.host_ports});
        }
    }
    if (rows.empty()) {
        out.push_back(
            Send{from, Awarded{award.request, pending.job, pending.accepted, pending.refused}});
        return;
    }
    pending_[++last_token_] = std::move(pending);
    out.push_back(Persist{last_token_, std::move(rows)});
}

void Executor::persisted(Instant now, Token token, Effects& out) {
    if (const auto ending = endings_.extract(token)) ledger_.ended(ending.mapped());
    const auto found = pending_.find(token);
    if (found == pending_.end()) return;
    const PendingAward pending = std::move(found->second);
    pending_.erase(found);
    out.push_back(Send{pending.from,
                       Awarded{pending.request, pending.job, pending.accepted, pending.refused}});
    for (const AcceptedSlot& slot : pending.accepted) {
        const ContainerId id{{pending.job, slot.index}, slot.epoch};
        const auto run = runs_.find(id);
        if (run == runs_.end() || run->second.synced) continue;
        run->second.synced = true;
        publish_volumes(*ledger_.find(id), out);
        launch(now, id, out);
        reconsider(now, id, out);  // The world may have moved while the disk did.
    }
}

void Executor::persist_failed(Instant now, Token token, Effects& out) {
    if (const auto ending = endings_.extract(token)) {
        unsaved_ends_.push_back(ending.mapped());
        journal_retry_at_ = now + config_.journal_retry;
    }
    const auto found = pending_.find(token);
    if (found == pending_.end()) return;
    PendingAward pending = std::move(found->second);
    pending_.erase(found);
    disk_trusted_at_ = now + config_.disk_distrust;
    std::vector<AcceptedSlot> kept;
    for (const AcceptedSlot& slot : pending.accepted) {
        const ContainerId id{{pending.job, slot.index}, slot.epoch};
        if (is_synced(id)) {
            kept.push_back(slot);
            continue;
        }
        if (const Promise* promise = ledger_.find(id)) {
            const Promise refused = *promise;
            Batch never_written;
            ledger_.forget(id);
            drop_unused_volumes(refused, never_written, out);
        }
        runs_.erase(id);
        pending.refused.push_back({.index = slot.index,
                                   .epoch = slot.epoch,
                                   .why = Refusal::Disk,
                                   .detail = std::string{to_string(Refusal::Disk)}});
    }
    out.push_back(Send{pending.from,
                       Awarded{pending.request, pending.job, std::move(kept), pending.refused}});
    report_drained(out);
}

}  // namespace shoal::placement
