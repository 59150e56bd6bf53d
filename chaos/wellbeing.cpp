// Invariants of health and order: S21 and S20.
#include "chaos/oracles.h"
#include "placement/slots.h"

#include <algorithm>

namespace shoal::chaos {

using placement::ClaimState;

// S21: nobody calls a replica healthy whose check has not passed since it started.
void Oracles::check_health(const Machine& m, const agent::FactChanged& e) {
    const auto key = placement::parse_claim_key(e.key);
    if (!key || !e.value) return;
    const auto found = m.containers.find({key->slot, key->epoch});
    if (found == m.containers.end()) return;
    if (found->second.passed || !placement::asks(found->second.check)) return;
    const auto claim = placement::decode_claim(e.value->view());
    if (!claim || claim->state != ClaimState::Healthy) return;
    fail("S21", m.facts.name + " calls " + e.key + " healthy, whose check has not passed");
}

void Oracles::check_passed(Instant /*now*/, const Machine& /*m*/,
                           const placement::ContainerId& id) {
    have_been_well_.insert(id.slot);
}

// As far as it can be known from outside: every replica was in that state at some time.
bool Oracles::has_been(const placement::View& view, const placement::After& after) const {
    const auto* spec = view.spec(after.job);
    if (spec == nullptr) return !after.required;
    if (!after.required) return true;  // It may have given up.
    const auto& known =
        after.condition == placement::After::Condition::Healthy ? have_been_well_ : have_run_;
    for (const auto& slot : placement::wanted_slots(view, *spec)) {
        if (!known.contains({after.job, slot.index})) return false;
    }
    return true;
}

void Oracles::note_placed(const Machine& m) {
    for (const auto& [id, promise] : m.agent->placement().ledger().all()) {
        auto& newest = placed_[id.slot.job];
        newest = std::max(newest, promise.spec.template_gen);
    }
}

// S20: the first replica of a template is not awarded before what its job comes after.
void Oracles::effect(const Machine& m, const agent::SlotDecided& e) {
    using What = agent::SlotDecided::What;
    if (e.what != What::Awarded && e.what != What::Replacing) return;
    const auto& view = m.agent->placement().view();
    const auto* spec = view.spec(e.slot.job);
    if (spec == nullptr || placed_[e.slot.job] >= spec->template_gen) return;
    for (const auto& after : spec->after) {
        if (has_been(view, after)) continue;
        fail("S20", m.facts.name + " awards " + to_string(e.slot) + " before " + after.job);
    }
}

}  // namespace shoal::chaos
