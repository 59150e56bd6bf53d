// Which of the claims of one slot counts (architecture 4.3).
#include "node/base/hash.h"
#include "node/base/trace.h"
#include "placement/claim.h"

#include <set>
#include <tuple>

namespace shoal::placement {
namespace {

std::uint64_t tie_breaker(const Held& held) {
    TraceHash hash;
    hash.add(held.claim.slot);
    hash.add(held.claim.epoch);
    hash.add(held.node);
    return hash.value();
}

// True if `a` comes before `b` in the one total order over claim fields alone.
bool ahead(const Held& a, const Held& b, Reconcile policy) {
    if (a.claim.template_gen != b.claim.template_gen) {
        return a.claim.template_gen > b.claim.template_gen;
    }
    if (a.claim.epoch != b.claim.epoch) {
        return policy == Reconcile::Oldest ? a.claim.epoch < b.claim.epoch
                                           : a.claim.epoch > b.claim.epoch;
    }
    return std::make_tuple(tie_breaker(a), a.node) > std::make_tuple(tie_breaker(b), b.node);
}

}  // namespace

std::optional<Held> winner(const std::vector<Held>& claims, Reconcile policy) {
    // What a healthy claim has replaced as moved is out, and so is what that one had replaced.
    std::set<std::tuple<NodeId, Epoch>> moved;
    std::vector<const Held*> unfollowed;
    for (const Held& held : claims) {
        if (held.claim.state == ClaimState::Healthy) unfollowed.push_back(&held);
    }
    while (!unfollowed.empty()) {
        const auto& replaces = unfollowed.back()->claim.replaces;
        unfollowed.pop_back();
        if (!replaces || replaces->kind != ReplaceKind::Moved) continue;
        if (!moved.insert({replaces->node, replaces->epoch}).second) continue;
        for (const Held& held : claims) {
            if (held.node == replaces->node && held.claim.epoch == replaces->epoch) {
                unfollowed.push_back(&held);
            }
        }
    }
    const Held* best = nullptr;
    for (const Held& held : claims) {
        if (held.claim.state != ClaimState::Healthy) continue;
        if (moved.contains({held.node, held.claim.epoch})) continue;
        if (best == nullptr || ahead(held, *best, policy)) best = &held;
    }
    if (best == nullptr) return std::nullopt;
    return *best;
}

}  // namespace shoal::placement
