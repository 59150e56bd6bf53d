// What is said about whom, and what is made of it.
#include "membership/membership.h"
#include "membership/suspicion.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <utility>

namespace shoal::membership {
namespace {

using std::chrono::seconds;

constexpr Duration kTwinWindow = seconds{60};
constexpr std::uint32_t kTablesDifferMax = 3;
constexpr std::size_t kGossipBudget = kDatagramBytesMax - 40;

}  // namespace

void Membership::on(Instant now, const Receive& receive, Effects& out) {
    if (!speaking_) return;
    const bool ours = receive.from == self_claim_.about;
    if (!ours) {
        unanswered_ = 0;
        std::visit([&](const auto& message) { hear(now, receive, message, out); }, receive.message);
        proof_of_life(now, receive, out);
        return;
    }
    // A twin with our identity, or our own words come back. Only what is claimed of us matters.
    if (const auto* join = std::get_if<membership::Join>(&receive.message)) {
        learn_of_self(now, join->self, out);
    }
}

void Membership::hear(Instant now, const Receive& from, const Gossip& said, Effects& out) {
    learn_all(now, from, said.news, out);
}

void Membership::hear(Instant now, const Receive& from, const membership::Join& join,
                      Effects& out) {
    if (join.self.about != from.from || join.self.health != Health::Alive) return;
    learn_all(now, from, {join.self}, out);
    Claims members{self_claim_};
    std::size_t left = kGossipBudget - wire_size(self_claim_);
    for (const Entry* entry : some_present(32, from.from)) {
        const auto size = wire_size(entry->claim);
        if (size > left) break;
        left -= size;
        members.push_back(entry->claim);
    }
    out.push_back(Send{from.from, from.source, Welcome{std::move(members)}});
}

void Membership::hear(Instant now, const Receive& from, const Welcome& welcome, Effects& out) {
    learn_all(now, from, welcome.members, out);
    if (table_wanted_) ask_for_table(now, from.from, out);
}

void Membership::hear(Instant now, const Receive& from, const TableRequest& request, Effects& out) {
    learn_all(now, from, request.members, out);
    Claims lacking;
    const auto theirs = [&](const NodeId& node) -> const Claim* {
        const auto at =
            std::lower_bound(request.members.begin(), request.members.end(), node,
                             [](const Claim& claim, const NodeId& id) { return claim.about < id; });
        return at != request.members.end() && at->about == node ? &*at : nullptr;
    };
    for (const Claim& claim : all_claims()) {
        const Claim* known = theirs(claim.about);
        if (known == nullptr || outranks(claim, *known)) lacking.push_back(claim);
    }
    const Entry* asker = roster_.find(from.from);
    if (asker == nullptr) return;
    out.push_back(SendStream{from.from, asker->claim.endpoint, MemberTable{std::move(lacking)}});
}

void Membership::hear(Instant now, const Receive& from, const MemberTable& table, Effects& out) {
    table_wanted_ = false;
    learn_all(now, from, table.members, out);
}

void Membership::hear(Instant /*now*/, const Receive& from, const Restart& restart,
                      Effects& /*out*/) {
    Entry* entry = roster_.find(from.from);
    if (entry != nullptr && entry->claim.incarnation == restart.incarnation) {
        entry->announced = true;
    }
}

void Membership::proof_of_life(Instant now, const Receive& from, Effects& out) {
    Entry* entry = roster_.find(from.from);
    if (entry == nullptr) {
        introduce(now, from, out);
        return;
    }
    if (entry->claim.health == Health::Left) return;
    entry->heard = now;
    alive_again(now, *entry, out);
}

// A member speaks to us whom we do not know: our disk forgot it, or its welcome was lost. It knows
// us, so it will not introduce itself; greeted like a seed, it answers with all it knows.
void Membership::introduce(Instant now, const Receive& from, Effects& out) {
    if (now < introduce_next_ || leave_ends_ != kNever) return;
    introduce_next_ = now + config_.gossip_interval;
    table_wanted_ = true;
    out.push_back(Send{from.from, from.source, membership::Join{self_claim_}});
}

void Membership::learn_all(Instant now, const Receive& from, const Claims& claims, Effects& out) {
    bool outdated = false;
    for (const Claim& claim : claims) {
        learn(now, claim, out);
        const Entry* known = claim.about == from.from ? roster_.find(claim.about) : nullptr;
        if (known == nullptr) continue;
        const bool twin = known->claim.boot != claim.boot;
        outdated |=
            known->claim.incarnation > claim.incarnation || (twin && outranks(known->claim, claim));
    }
    // G1: who speaks of itself with an old incarnation is shown the newer evidence, once a message;
    // so is a twin, which nobody else would tell that it is one.
    if (!outdated) return;
    out.push_back(Send{from.from, from.source, Gossip{{roster_.find(from.from)->claim}}});
}

void Membership::learn(Instant now, const Claim& claim, Effects& out) {
    if (claim.about == self_claim_.about) {
        learn_of_self(now, claim, out);
        return;
    }
    if (!admissible(claim)) return;
    const Entry* known = roster_.find(claim.about);
    std::optional<Standing> before;
    Claim old;
    if (known != nullptr) {
        before = standing_of(*known);
        old = known->claim;
    }
    const auto merged = roster_.merge(claim, now);
    if (merged == Roster::Merged::Nothing) return;
    const Entry* entry = roster_.find(claim.about);
    tell(now, claim, sends());
    if (merged == Roster::Merged::Added || old.endpoint != claim.endpoint ||
        old.health == Health::Left || claim.health == Health::Left) {
        unremembered_.insert(claim.about);
        remember(now);
    }
    if (claim.health == Health::Suspect && entry->finding == Finding::None) {
        suspicions_.try_emplace(
            claim.about,
            now + suspicion_time(config_.suspicion_factor, roster_.staying() + 1, config_.period));
    } else {
        suspicions_.erase(claim.about);
    }
    if (merged == Roster::Merged::Added) {
        // A newcomer takes a random place in the lap under way, so that it need not wait for the
        // next.
        const auto left = rota_.size() - rota_next_;
        const auto place = rota_next_ + random_.below(left + 1);
        rota_.insert(rota_.begin() + static_cast<std::ptrdiff_t>(place), claim.about);
    }
    // Nobody was left to be probed; a leaver that comes back is somebody again.
    if (period_ends_ == kNever && roster_.staying() > 0) period_ends_ = now + config_.period;
    const bool moved = old.endpoint != claim.endpoint || old.boot != claim.boot;
    if (!before || *before != standing_of(*entry) || moved) {
        report_change(now, *entry, before, out);
    }
}

void Membership::learn_of_self(Instant now, const Claim& claim, Effects& out) {
    if (!speaking_ || leave_ends_ != kNever || claim.incarnation > kIncarnationMax) return;
    if (claim.incarnation < self_claim_.incarnation) return;  // Of an earlier life, or refuted.
    if (claim.incarnation < raise_to_) return;  // Refuted, once the new block is on disk.
    if (claim.boot == self_claim_.boot || claim.boot == 0) {
        if (claim.health == Health::Alive && claim.incarnation == self_claim_.incarnation) return;
        if (SHOAL_MUTANT(IgnoreRefutation)) return;
        awareness_.worse();
        raise_incarnation(now, claim.incarnation, out);
        return;
    }
    // Another process speaks with our identity, or our disk forgot incarnations we once used.
    const bool again = twin_seen_ && now - *twin_seen_ < kTwinWindow;
    twin_seen_ = now;
    if (again && self_claim_.boot < claim.boot) {
        out.push_back(MustStop{true, claim.endpoint});
        return;
    }
    out.push_back(Notice{NoticeKind::TwinSeen, self_claim_.about, claim.endpoint});
    raise_incarnation(now, claim.incarnation, out);
}

void Membership::raise_incarnation(Instant now, Incarnation above, Effects& out) {
    const Incarnation next = std::max(self_claim_.incarnation, above) + 1;
    if (next > reserved_) {
        raise_to_ = std::max(raise_to_, next);
        if (reserve_token_ == 0) reserve(out);
        return;  // Told once the block is on disk.
    }
    self_claim_.incarnation = next;
    tell(now, self_claim_, sends());
}

void Membership::report_change(Instant /*now*/, const Entry& entry, std::optional<Standing> before,
                               Effects& out) {
    out.push_back(MemberChanged{.node = entry.claim.about,
                                .endpoint = entry.claim.endpoint,
                                .incarnation = entry.claim.incarnation,
                                .boot = entry.claim.boot,
                                .before = before,
                                .after = standing_of(entry),
                                .announced = entry.announced});
}

// ---- telling others

std::uint32_t Membership::sends() const {
    return config_.retransmit_factor * digits(roster_.staying() + 1);
}

void Membership::tell(Instant now, const Claim& claim, std::uint32_t times) {
    news_.add(claim, times);
    if (gossip_at_ == kNever && speaking_) gossip_at_ = now + config_.gossip_interval;
}

void Membership::gossip(Instant now, Effects& out) {
    const auto targets = some_present(config_.gossip_fanout, NodeId{});
    for (const Entry* entry : targets) {
        if (news_.empty()) break;
        out.push_back(
            Send{entry->claim.about, entry->claim.endpoint, Gossip{news_.take(kGossipBudget)}});
    }
    gossip_at_ = kNever;
    if (news_.empty() || roster_.staying() == 0) return;
    gossip_at_ = now + (targets.empty() ? config_.period * 4 : config_.gossip_interval);
}

// ---- member tables

void Membership::compare_tables(Instant now, const Receive& from, std::uint64_t theirs,
                                Effects& out) {
    if (theirs == table_fingerprint()) {
        tables_differ_ = 0;
        return;
    }
    // News under way makes tables differ for a moment; only what stays different is repaired.
    if (++tables_differ_ < kTablesDifferMax && !table_wanted_) return;
    if (now < table_next_) return;
    ask_for_table(now, from.from, out);
}

void Membership::ask_for_table(Instant now, NodeId whom, Effects& out) {
    const Entry* entry = roster_.find(whom);
    if (entry == nullptr) return;
    const auto spread = static_cast<std::uint64_t>(config_.table_interval.count()) / 4 + 1;
    table_next_ =
        now + config_.table_interval + Duration{static_cast<Duration::rep>(random_.below(spread))};
    tables_differ_ = 0;
    auto claims = all_claims();
    std::sort(claims.begin(), claims.end(),
              [](const Claim& a, const Claim& b) { return a.about < b.about; });
    out.push_back(SendStream{whom, entry->claim.endpoint, TableRequest{std::move(claims)}});
}

}  // namespace shoal::membership
