#include "membership/roster.h"

#include "node/base/hash.h"
#include "node/base/mutant.h"

#include <algorithm>

namespace shoal::membership {

Standing standing_of(const Entry& entry) {
    if (entry.claim.health == Health::Left) return Standing::Left;
    if (entry.finding == Finding::Refused) return Standing::AgentDown;
    if (entry.finding == Finding::Silent) return Standing::Unreachable;
    return entry.claim.health == Health::Suspect ? Standing::Suspect : Standing::Alive;
}

std::uint64_t fingerprint_of(const Claim& claim) {
    const auto words = mix(claim.about.high) ^ mix(claim.about.low + 1);
    return mix(words + mix(claim.incarnation * 8 + static_cast<std::uint64_t>(claim.health)));
}

Roster::Merged Roster::merge(const Claim& claim, Instant now) {
    const auto at = std::lower_bound(
        entries_.begin(), entries_.end(), claim.about,
        [](const Entry& entry, const NodeId& node) { return entry.claim.about < node; });
    if (at == entries_.end() || at->claim.about != claim.about) {
        if (entries_.size() >= members_max_) return Merged::Nothing;
        entries_.insert(at, Entry{.claim = claim, .since = now});
        fingerprint_ += fingerprint_of(claim);
        if (claim.health != Health::Left) ++staying_;
        return Merged::Added;
    }
    const bool stale_alive = SHOAL_MUTANT(AcceptStaleAlive) && claim.health == Health::Alive &&
                             claim.incarnation < at->claim.incarnation;
    if (!outranks(claim, at->claim) && !stale_alive) return Merged::Nothing;
    const Standing before = standing_of(*at);
    const bool was_staying = at->claim.health != Health::Left;
    fingerprint_ += fingerprint_of(claim) - fingerprint_of(at->claim);
    if (claim.incarnation != at->claim.incarnation) {
        at->finding = Finding::None;
        at->announced = false;
    }
    at->claim = claim;
    const bool is_staying = claim.health != Health::Left;
    if (was_staying && !is_staying) --staying_;
    if (!was_staying && is_staying) ++staying_;
    if (standing_of(*at) != before) at->since = now;
    return Merged::Changed;
}

Entry* Roster::find(const NodeId& node) {
    const auto at = std::lower_bound(
        entries_.begin(), entries_.end(), node,
        [](const Entry& entry, const NodeId& id) { return entry.claim.about < id; });
    return at != entries_.end() && at->claim.about == node ? &*at : nullptr;
}

const Entry* Roster::find(const NodeId& node) const {
    const auto at = std::lower_bound(
        entries_.begin(), entries_.end(), node,
        [](const Entry& entry, const NodeId& id) { return entry.claim.about < id; });
    return at != entries_.end() && at->claim.about == node ? &*at : nullptr;
}

}  // namespace shoal::membership
