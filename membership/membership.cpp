#include "membership/membership.h"

#include "membership/codec.h"
#include "membership/suspicion.h"
#include "node/base/check.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <utility>

namespace shoal::membership {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLeaveFor = milliseconds{600};  // long enough for six rounds of gossip
constexpr Duration kRememberAfter = seconds{1};    // roster changes are written down together
constexpr Duration kReserveRetry = seconds{1};
const char* const kIncarnationRow = "membership/incarnation";

std::string row_key(const NodeId& node) {
    const auto bytes = to_bytes(node);
    return {bytes.begin(), bytes.end()};
}

// What a disk that went bad says of it is as good as nothing: others hold newer evidence of us, and
// we are raised above it.
Incarnation read_incarnation(ByteView bytes) {
    if (bytes.size() != 8 || bytes[0] > 0x7F) return 0;
    Incarnation out = 0;
    for (const std::uint8_t byte : bytes) {
        out = (out << 8U) | byte;
    }
    return out;
}

}  // namespace

Membership::Membership(NodeId self, const Config& config, Random random, BootNonce boot,
                       const Snapshot& rows)
    : config_(config), random_(random), roster_(config.members_max) {
    self_claim_.about = self;
    self_claim_.boot = boot;
    for (const Row& row : rows) {
        if (!row.value) continue;
        if (row.table == Table::Meta && row.key == kIncarnationRow) {
            reserved_ = read_incarnation(row.value->view());
        } else if (row.table == Table::Members) {
            const auto claim = decode_claim(row.value->view());
            const bool sound = claim && admissible(*claim) && claim->about != self;
            if (sound) (void)roster_.merge(*claim, Instant{});
        }
    }
    self_claim_.incarnation = reserved_ + 1;
    if (SHOAL_MUTANT(ReuseIncarnation)) self_claim_.incarnation = 1;
}

Effects Membership::step(Instant now, const Input& input) {
    SHOAL_CHECK(now >= last_step_);
    last_step_ = now;
    Effects out;
    std::visit([&](const auto& event) { on(now, event, out); }, input);
    return out;
}

Instant Membership::wakeup() const {
    Instant next =
        std::min({period_ends_, gossip_at_, seeds_at_, leave_ends_, memory_at_, retry_reserve_at_});
    if (probe_) next = std::min(next, probe_->ask_others_at);
    for (const auto& [node, deadline] : suspicions_) {
        next = std::min(next, deadline);
    }
    for (const auto& [sequence, relay] : relays_) {
        next = std::min(next, relay.nack_at);
    }
    return next;
}

std::vector<Member> Membership::members() const {
    std::vector<Member> out;
    out.reserve(roster_.entries().size() + 1);
    bool self_placed = false;
    const Member self{.claim = self_claim_, .since = started_at_};
    for (const Entry& entry : roster_.entries()) {
        if (!self_placed && self_claim_.about < entry.claim.about) {
            out.push_back(self);
            self_placed = true;
        }
        out.push_back({entry.claim, standing_of(entry), entry.since, entry.rtt, entry.announced});
    }
    if (!self_placed) out.push_back(self);
    return out;
}

std::optional<Member> Membership::find(NodeId node) const {
    if (node == self_claim_.about) return Member{.claim = self_claim_, .since = started_at_};
    const Entry* entry = roster_.find(node);
    if (entry == nullptr) return std::nullopt;
    return Member{entry->claim, standing_of(*entry), entry->since, entry->rtt, entry->announced};
}

// ---- coming up

void Membership::on(Instant now, const Start& start, Effects& out) {
    if (reserve_token_ != 0 || speaking_) return;  // Already up.
    self_claim_.endpoint = start.advertised;
    has_seeds_ = start.has_seeds;
    started_at_ = now;
    for (const Entry& entry : roster_.entries()) {
        report_change(now, entry, std::nullopt, out);
    }
    reserve(out);
}

void Membership::reserve(Effects& out) {
    asked_ = std::max({reserved_, self_claim_.incarnation, raise_to_}) + config_.incarnation_block;
    Bytes value;
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        value.push_back(static_cast<std::uint8_t>(asked_ >> (shift - 8)));
    }
    reserve_token_ = ++last_token_;
    out.push_back(
        Persist{reserve_token_, {Row{Table::Meta, kIncarnationRow, Blob{std::move(value)}}}});
}

void Membership::on(Instant now, const Persisted& persisted, Effects& out) {
    if (persisted.token != reserve_token_ || reserve_token_ == 0) return;
    reserve_token_ = 0;
    reserved_ = asked_;
    if (raise_to_ > reserved_) {
        reserve(out);  // Accused of more while the disk was busy: this block is too small for it.
    } else {
        self_claim_.incarnation = std::max(self_claim_.incarnation, raise_to_);
    }
    if (speaking_) {
        tell(now, self_claim_, sends());
        return;
    }
    speaking_ = true;
    out.push_back(MemberChanged{.node = self_claim_.about,
                                .endpoint = self_claim_.endpoint,
                                .incarnation = self_claim_.incarnation,
                                .boot = self_claim_.boot});
    // A random first beat keeps nodes that start together from probing in step for ever.
    const auto beat = random_.below(static_cast<std::uint64_t>(config_.period.count()));
    period_ends_ = now + Duration{static_cast<Duration::rep>(beat)};
    // Everybody remembered is greeted like a seed: whoever is there answers with all it knows.
    Claims known = all_claims();
    random_.shuffle(std::span{known});
    std::size_t greeted = 0;
    for (const Claim& claim : known) {
        if (claim.about == self_claim_.about || claim.health == Health::Left) continue;
        if (++greeted > 16) break;
        out.push_back(Send{claim.about, claim.endpoint, membership::Join{self_claim_}});
    }
    table_wanted_ = true;
    tell(now, self_claim_, sends());
    seeds_wait_ = config_.seed_retry_min;
    if (has_seeds_) seeds_at_ = now;
}

void Membership::on(Instant now, const PersistFailed& failed, Effects& /*out*/) {
    if (failed.token != reserve_token_ || reserve_token_ == 0) return;
    retry_reserve_at_ = now + kReserveRetry;  // Until it succeeds we say nothing new of ourselves.
}

void Membership::on(Instant now, const SeedsResolved& resolved, Effects& out) {
    if (!speaking_ || anybody_present()) return;
    for (const Endpoint& seed : resolved.seeds) {
        if (seed == self_claim_.endpoint) continue;
        out.push_back(Send{NodeId{}, seed, membership::Join{self_claim_}});
    }
    if (!seeds_notice_given_ && now - started_at_ >= seconds{10}) {
        seeds_notice_given_ = true;
        const Endpoint first = resolved.seeds.empty() ? Endpoint{} : resolved.seeds.front();
        out.push_back(Notice{NoticeKind::SeedsSilent, NodeId{}, first});
    }
}

void Membership::retry_seeds(Instant now, Effects& out) {
    if (anybody_present()) {
        seeds_at_ = kNever;
        seeds_wait_ = config_.seed_retry_min;
        return;
    }
    out.push_back(ResolveSeeds{});
    const auto jitter = random_.below(static_cast<std::uint64_t>(seeds_wait_.count()) / 4 + 1);
    seeds_at_ = now + seeds_wait_ + Duration{static_cast<Duration::rep>(jitter)};
    seeds_wait_ = std::min(seeds_wait_ * 2, config_.seed_retry_max);
}

bool Membership::anybody_present() const {
    return std::any_of(roster_.entries().begin(), roster_.entries().end(), [](const Entry& entry) {
        return present(standing_of(entry)) && entry.heard != Instant{};
    });
}

// ---- going down

void Membership::on(Instant now, const Leave& /*leave*/, Effects& out) {
    if (!speaking_ || leave_ends_ != kNever) return;
    self_claim_.health = Health::Left;
    tell(now, self_claim_, sends() * 2);
    for (const Entry* entry : some_present(64, NodeId{})) {
        out.push_back(Send{entry->claim.about, entry->claim.endpoint, Gossip{{self_claim_}}});
    }
    leave_ends_ = now + kLeaveFor;
}

void Membership::on(Instant /*now*/, const Restarting& /*restarting*/, Effects& out) {
    if (!speaking_) return;
    for (const Entry* entry : some_present(config_.members_max, NodeId{})) {
        out.push_back(
            Send{entry->claim.about, entry->claim.endpoint, Restart{self_claim_.incarnation}});
    }
}

// ---- the clock

void Membership::on(Instant now, const Tick& /*tick*/, Effects& out) {
    if (retry_reserve_at_ <= now) {
        retry_reserve_at_ = kNever;
        reserve(out);
    }
    if (memory_at_ <= now) flush_memory(out);
    if (leave_ends_ <= now) {
        leave_ends_ = kNever;
        speaking_ = false;
        period_ends_ = gossip_at_ = seeds_at_ = kNever;
        probe_.reset();
        suspicions_.clear();
        relays_.clear();
        out.push_back(MustStop{});
        return;
    }
    if (!speaking_) return;
    if (seeds_at_ <= now) retry_seeds(now, out);
    expire(now, out);
    if (probe_ && probe_->ask_others_at <= now) ask_others(now, out);
    if (period_ends_ <= now) {
        finish_probe(now, out);
        start_probe(now, out);
        period_ends_ = roster_.staying() == 0 ? kNever : now + period();
    }
    if (gossip_at_ <= now) gossip(now, out);
}

Duration Membership::period() const {
    return awareness_.stretch(config_.period);
}

void Membership::expire(Instant now, Effects& out) {
    std::vector<NodeId> due;
    for (const auto& [node, deadline] : suspicions_) {
        if (deadline <= now) due.push_back(node);
    }
    for (const NodeId& node : due) {
        suspicions_.erase(node);
        find_out(now, node, Finding::Silent, out);
    }
    for (auto at = relays_.begin(); at != relays_.end();) {
        if (at->second.nack_at > now) {
            ++at;
            continue;
        }
        const Relay& relay = at->second;
        out.push_back(Send{relay.asker, relay.asker_at, Nack{relay.target, relay.asker_sequence}});
        at = relays_.erase(at);
    }
}

// ---- what is written down

void Membership::remember(Instant now) {
    if (memory_at_ == kNever) memory_at_ = now + kRememberAfter;
}

void Membership::flush_memory(Effects& out) {
    memory_at_ = kNever;
    Batch batch;
    for (const NodeId& node : unremembered_) {
        const Entry* entry = roster_.find(node);
        if (entry == nullptr) continue;
        batch.push_back({Table::Members, row_key(node), Blob{encode_claim(entry->claim)}});
    }
    unremembered_.clear();
    if (!batch.empty()) out.push_back(Persist{++last_token_, std::move(batch)});
}

Claims Membership::all_claims() const {
    Claims out;
    out.reserve(roster_.entries().size() + 1);
    if (speaking_) out.push_back(self_claim_);
    for (const Entry& entry : roster_.entries()) {
        out.push_back(entry.claim);
    }
    return out;
}

std::uint64_t Membership::table_fingerprint() const {
    return roster_.fingerprint() + fingerprint_of(self_claim_);
}

}  // namespace shoal::membership
