// What must come true once nothing goes wrong any more.
#include "chaos/oracles.h"
#include "placement/slots.h"
#include "placement/waiting.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::chaos {

using placement::ClaimState;

namespace {

std::string position(const store::OriginLog* log) {
    if (log == nullptr || log->empty()) return "nothing";
    return "(" + std::to_string(log->head().log_epoch) + ", " + std::to_string(log->head().seq) +
           ")";
}

// The first log the two stand differently in.
std::string difference(const Cluster& cluster, const store::Store& a, const store::Store& b) {
    for (const auto& m : cluster.machines()) {
        const std::string one = position(a.log(m->id));
        const std::string other = position(b.log(m->id));
        if (one != other) return ": of " + m->facts.name + " " + one + " and " + other;
    }
    return "";
}

// What it comes after is there, and so on: jobs never wait in a circle here.
bool may_run(const placement::View& view, const placement::JobSpec& spec) {
    return std::all_of(spec.after.begin(), spec.after.end(), [&](const placement::After& after) {
        const auto* other = view.spec(after.job);
        return other == nullptr ? !after.required : may_run(view, *other);
    });
}

bool is_wanted(const placement::View& view, const placement::JobSpec& spec, std::uint32_t index) {
    const auto all = placement::wanted_slots(view, spec);
    return std::any_of(all.begin(), all.end(),
                       [&](const placement::WantedSlot& slot) { return slot.index == index; });
}

}  // namespace

// L1: everybody sees exactly who is there.
std::optional<std::string> Oracles::l1_views_are_true() const {
    for (const auto& m : cluster_.machines()) {
        if (!m->runs()) continue;
        for (const auto& other : cluster_.machines()) {
            const auto seen = m->agent->membership().find(other->id);
            const bool right = other->runs() ? seen && seen->standing == Standing::Alive
                                             : !seen || !present(seen->standing);
            if (!right) {
                return m->facts.name + " sees " + other->facts.name + " as " +
                       (seen ? std::string{to_string(seen->standing)} : std::string{"unknown"});
            }
        }
    }
    return std::nullopt;
}

// L2: everybody holds the same.
std::optional<std::string> Oracles::l2_stores_are_equal() const {
    const Machine* first = nullptr;
    for (const auto& m : cluster_.machines()) {
        if (!m->runs()) continue;
        if (first == nullptr) first = m.get();
        const auto& a = first->agent->store();
        const auto& b = m->agent->store();
        if (a.logs_fingerprint() != b.logs_fingerprint()) {
            return first->facts.name + " and " + m->facts.name + " hold different logs" +
                   difference(cluster_, a, b);
        }
        if (a.map_fingerprint() != b.map_fingerprint()) {
            return first->facts.name + " and " + m->facts.name + " hold different maps";
        }
    }
    return std::nullopt;
}

// A slot with a volume whose holder is away, leaving or full has to wait: whatever else would be
// empty. So has a job that comes after such a one.
bool Oracles::waits_rightly(const placement::SlotId& slot, const placement::JobSpec& spec) const {
    const Machine* any = nullptr;
    for (const auto& m : cluster_.machines()) {
        if (m->runs()) any = m.get();
    }
    if (any == nullptr) return false;
    const auto& view = any->agent->placement().view();
    if (placement::waits_for(view, spec)) {
        for (const auto& after : spec.after) {
            const auto* other = view.spec(after.job);
            if (other == nullptr) continue;
            for (const auto& needed : placement::wanted_slots(view, *other)) {
                if (waits_rightly({after.job, needed.index}, *other)) return true;
            }
        }
    }
    for (const auto& m : cluster_.machines()) {
        if (!spec.global || !m->runs() || placement::slot_of(m->id) != slot.index) continue;
        if (!m->agent->placement().ledger().lacking(placement::reserved(spec), {}, 1).empty()) {
            return true;  // Its node is full, and no other will do.
        }
    }
    for (const auto& id : placement::volumes_of(spec.container.mounts, slot.index)) {
        const auto holder = view.holder(id);
        for (const auto& m : cluster_.machines()) {
            if (!holder || m->id != *holder) continue;
            if (!m->runs() || m->leaving) return true;
            const auto& ledger = m->agent->placement().ledger();
            if (!ledger.lacking(placement::reserved(spec), {}, 1).empty()) return true;
        }
    }
    return false;
}

// L3: every job has each of its slots running exactly once, by what really runs; what nobody wants
// runs nowhere.
std::optional<std::string> Oracles::l3_jobs_are_whole() const {
    const Machine* any = nullptr;
    std::map<placement::SlotId, std::uint32_t> running;
    for (const auto& m : cluster_.machines()) {
        if (m->runs()) any = m.get();
        for (const auto& [id, container] : m->containers) {
            ++running[id.slot];
        }
    }
    if (any == nullptr) return std::nullopt;
    const auto& view = any->agent->placement().view();
    for (const auto& [slot, count] : running) {
        const auto* spec = view.spec(slot.job);
        if (spec == nullptr || !is_wanted(view, *spec, slot.index)) {
            return to_string(slot) + " runs and nobody wants it";
        }
        if (count > 1) return to_string(slot) + " runs " + std::to_string(count) + " times";
    }
    for (const auto& [name, job] : view.jobs) {
        if (!job.spec || job.spec->container.image == "crash" || !may_run(view, *job.spec)) {
            continue;
        }
        for (const auto& [index, node] : placement::wanted_slots(view, *job.spec)) {
            const placement::SlotId slot{name, index};
            if (running.contains(slot) || waits_rightly(slot, *job.spec)) continue;
            return placement::shown(view, *job.spec, index) +
                   " does not run: " + any->agent->placement().sentence(name);
        }
    }
    return std::nullopt;
}

// L4: nobody speaks of a slot that runs as anything but healthy, and nobody drains.
std::optional<std::string> Oracles::l4_nothing_waits() const {
    for (const auto& m : cluster_.machines()) {
        if (!m->runs()) continue;
        const auto& placement = m->agent->placement();
        if (!placement.settled()) return m->facts.name + " has not settled";
        for (const auto& [slot, claims] : placement.view().claims) {
            const auto* spec = placement.view().spec(slot.job);
            const bool crashes = spec != nullptr && spec->container.image == "crash";
            for (const auto& [owner, claim] : claims) {
                if (!placement.view().is_present(owner.first)) continue;
                if (!crashes && claim.state != ClaimState::Healthy) {
                    return m->facts.name + " sees " + to_string(slot) + " as " +
                           std::string{to_string(claim.state)};
                }
            }
        }
    }
    return std::nullopt;
}

void Oracles::check_at_rest() {
    for (const auto& m : cluster_.machines()) {
        if (!m->runs()) continue;
        const auto& promises = m->agent->placement().ledger().all();
        // S10: what runs and what is promised are the same set.
        for (const auto& [id, container] : m->containers) {
            if (!promises.contains(id)) {
                fail("S10", m->facts.name + " runs " + placement::claim_key(id.slot, id.epoch) +
                                " without a promise");
            }
        }
        // S15: what was acknowledged is there, or a higher version is.
        for (const Acked& acked : acked_) {
            if (disks_lost() - acked.disks_lost_before >= acked.copies) continue;
            const auto* held = m->agent->store().map().held(acked.key);
            const bool there = held != nullptr && (held->versions.contains(acked.version) ||
                                                   held->versions.at(held->winner).gen > acked.gen);
            if (!there) fail("S15", m->facts.name + " lost the acknowledged write of " + acked.key);
        }
    }
}

}  // namespace shoal::chaos
