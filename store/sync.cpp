// Keeping logs and map equal with others: what is sent at once, and what anti-entropy repairs.
//
//   we -> peer  Fingerprint           equal: peer -> we DigestDone, about 100 bytes
//   peer -> we  VectorDigest(answer)  we send what the peer lacks, and
//   we -> peer  VectorDigest          peer sends what we lack, then
//   peer -> we  DigestDone            the stream keeps order: we now hold all the peer held
#include "node/base/mutant.h"
#include "store/codec.h"
#include "store/store.h"

#include <algorithm>
#include <utility>

namespace shoal::store {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kSoonMax = 4;             // immediate exchanges after a change of the roster
constexpr std::uint64_t kSoonSpread = 200'000;  // microseconds

// A writer waits for at most this many of our syncs at once; what comes on top is kept and named as
// missing there.
constexpr std::size_t kOwedMax = 4096;

}  // namespace

Instant Store::next_round(Instant now) {
    const auto base = static_cast<std::uint64_t>(config_.anti_entropy.count());
    const auto wait = base * 4 / 5 + random_.below(base * 2 / 5 + 1);
    return now + Duration{static_cast<Duration::rep>(wait)};
}

void Store::sync_soon(Instant now, NodeId peer) {
    if (soon_.size() >= kSoonMax && !soon_.contains(peer)) return;
    const auto jitter = random_.below(kSoonSpread);
    soon_.try_emplace(peer, now + Duration{static_cast<Duration::rep>(jitter)});
}

void Store::sync_with(Instant /*now*/, NodeId peer, Effects& out) {
    rounds_.insert_or_assign(peer, ++round_);
    out.push_back(Send{peer, Fingerprint{round_, logs_fingerprint(), map_fingerprint()}});
}

VectorDigest Store::our_digest(std::uint64_t round, bool answer) const {
    VectorDigest out{.round = round, .answer = answer};
    if (!own_.log().empty()) {
        out.logs.push_back({self_, own_.log().head().log_epoch, own_.log().head().seq});
    }
    for (const auto& [origin, log] : logs_) {
        out.logs.push_back({origin, log.head().log_epoch, log.head().seq});
    }
    out.map = map_.positions();
    return out;
}

void Store::hear(Instant /*now*/, NodeId from, const Fingerprint& theirs, Effects& out) {
    if (theirs.logs == logs_fingerprint() && theirs.map == map_fingerprint()) {
        out.push_back(Send{from, DigestDone{theirs.round}});
    } else {
        out.push_back(Send{from, our_digest(theirs.round, true)});
    }
}

void Store::hear(Instant /*now*/, NodeId from, const VectorDigest& theirs, Effects& out) {
    if (!SHOAL_MUTANT(NeverSync)) push_what_is_lacking(from, theirs, out);
    if (!theirs.answer) {
        out.push_back(Send{from, DigestDone{theirs.round}});
        return;
    }
    const auto begun = rounds_.find(from);
    if (begun == rounds_.end() || begun->second != theirs.round) return;
    out.push_back(Send{from, our_digest(theirs.round, false)});
}

void Store::hear(Instant /*now*/, NodeId from, const DigestDone& done, Effects& out) {
    const auto begun = rounds_.find(from);
    if (begun == rounds_.end() || begun->second != done.round) return;
    rounds_.erase(begun);
    ever_synced_ = true;
    out.push_back(SyncedWith{from});
}

void Store::push_what_is_lacking(NodeId to, const VectorDigest& theirs, Effects& out) {
    std::map<NodeId, LogPosition> positions;
    for (const LogPosition& position : theirs.logs) {
        positions.emplace(position.origin, position);
    }
    const auto push = [&](const NodeId& origin, const OriginLog& log) {
        const auto found = positions.find(origin);
        const LogPosition at = found == positions.end() ? LogPosition{origin, 0, 0} : found->second;
        const auto ours = std::tie(log.head().log_epoch, log.head().seq);
        if (ours > std::tie(at.log_epoch, at.seq)) {
            out.push_back(Send{to, log.delta_from(at.log_epoch, at.seq)});
        } else if (origin == self_ && ours < std::tie(at.log_epoch, at.seq)) {
            // They hold more of our own log than we do: ask to be shown.
            out.push_back(Send{to, DeltaRequest{self_, log.head().log_epoch, log.head().seq}});
        }
    };
    push(self_, own_.log());
    for (const auto& [origin, log] : logs_) {
        if (origin != to) push(origin, log);
    }
    std::map<std::uint64_t, std::uint64_t> versions;
    for (const MapPosition& position : theirs.map) {
        versions.emplace(position.key, position.version);
    }
    for (const auto& [key, held] : map_.all()) {
        const auto found = versions.find(key_hash(key));
        if (found != versions.end() && found->second == held.hash) continue;
        for (const auto& [id, version] : held.versions) {
            out.push_back(Send{to, Entry{key, version, false}});
        }
    }
}

// ---- logs

// What its origin itself would refuse to publish. Doubled, since what the delta replaces is counted
// with what it brings.
bool Store::over_budget(const OriginLog* held, const Delta& delta) const {
    const bool adds = held != nullptr && !delta.reset;
    std::size_t keys = adds ? held->records().size() : 0;
    std::size_t bytes = adds ? held->value_bytes() : 0;
    for (const Record& record : delta.records) {
        ++keys;
        bytes += record.value.size();
    }
    return keys > config_.own.live_keys * 2 || bytes > config_.own.live_bytes * 2;
}

void Store::hear(Instant /*now*/, NodeId from, const Delta& delta, Effects& out) {
    const NodeId origin = delta.head.origin;
    if (origin == self_) {
        hear_of_own(from, delta, out);
        return;
    }
    if (over_budget(log(origin), delta)) {
        out.push_back(Notice{NoticeKind::BadHead, from, "a log over its budget"});
        return;
    }
    auto found = logs_.find(origin);
    if (found == logs_.end()) {
        if (logs_.size() >= config_.origins_max) return;
        found = logs_.emplace(origin, OriginLog{}).first;
    }
    OriginLog& log = found->second;
    const Head before = log.head();
    std::vector<OriginLog::Change> changes;
    switch (log.apply(delta, signer_, changes)) {
        case OriginLog::Applied::Done:
            break;
        case OriginLog::Applied::Old:
            // An origin that speaks from below us has lost something: show it what we hold.
            if (from == origin && std::tie(delta.head.log_epoch, delta.head.seq) <
                                      std::tie(before.log_epoch, before.seq)) {
                out.push_back(Send{from, log.delta_from(before.log_epoch, before.seq)});
            }
            return;
        case OriginLog::Applied::Gap:
            if (SHOAL_MUTANT(NeverSync)) return;
            out.push_back(Send{from, DeltaRequest{origin, before.log_epoch, before.seq}});
            if (log.empty()) logs_.erase(found);
            return;
        case OriginLog::Applied::Forged:
            out.push_back(Notice{NoticeKind::BadHead, from, to_short(origin)});
            if (log.empty()) logs_.erase(found);
            return;
        case OriginLog::Applied::Diverged:
            // A sender that garbled it, or an origin whose disk went back to an old copy and that
            // has numbered on from there: it knows once it sees the head we hold.
            out.push_back(Notice{NoticeKind::BadHead, from, "does not follow from what is held"});
            if (log.empty()) {
                logs_.erase(found);
            } else {
                out.push_back(Send{origin, log.delta_from(before.log_epoch, before.seq)});
            }
            return;
        case OriginLog::Applied::Equivocation:
            out.push_back(Notice{NoticeKind::Equivocation, origin, "two contents, one number"});
            out.push_back(Send{origin, log.delta_from(before.log_epoch, before.seq)});
            return;
    }
    if (before.log_epoch != 0) {
        foreign_fingerprint_ -= position_hash({origin, before.log_epoch, before.seq});
    }
    foreign_fingerprint_ += position_hash({origin, log.head().log_epoch, log.head().seq});
    Batch rows{head_row(log.head())};
    for (const auto& change : changes) {
        const auto stored = log.records().find(change.key);
        rows.push_back(stored == log.records().end() ? erased_record_row(origin, change.key)
                                                     : record_row(origin, stored->second.record));
    }
    persist_lazily(std::move(rows), out);
    show(origin, log, changes, out);
}

void Store::hear(Instant /*now*/, NodeId from, const DeltaRequest& request, Effects& out) {
    const OriginLog* known = log(request.origin);
    if (known == nullptr || known->empty()) return;
    out.push_back(Send{from, known->delta_from(request.log_epoch, request.after)});
}

// ---- the map

void Store::merge(const std::string& key, const Version& version, Batch& rows, Effects& out) {
    const auto merged = map_.merge(key, version);
    if (!merged.stored) return;
    rows.push_back(version_row(key, version_id(key, version), version));
    for (const VersionId id : merged.dropped) {
        rows.push_back(erased_version_row(key, id));
    }
    if (merged.winner_changed || merged.conflict_changed) {
        // Of several changes in one step only the last is true; acting on the others would stop
        // what the next one wants.
        std::erase_if(out, [&](const Effect& effect) {
            const auto* earlier = std::get_if<EntryChanged>(&effect);
            return earlier != nullptr && earlier->key == key;
        });
        out.push_back(EntryChanged{key, *map_.find(key), map_.conflict(key)});
    }
}

void Store::hear(Instant /*now*/, NodeId from, const Entry& entry, Effects& out) {
    if (!fits(entry.key, entry.version)) return;
    if (!has_room(entry.key)) return;
    Batch rows;
    merge(entry.key, entry.version, rows, out);
    if (!entry.ack || owed_.size() >= kOwedMax) {
        persist_lazily(std::move(rows), out);
        return;
    }
    const VersionId id = version_id(entry.key, entry.version);
    if (SHOAL_MUTANT(AckBeforeSync)) {
        persist_lazily(std::move(rows), out);
        out.push_back(Send{from, EntryAck{entry.key, id}});
        return;
    }
    // Known already, perhaps only lazily written: write it again, so that the ack is true.
    const auto* held = map_.held(entry.key);
    if (rows.empty() && held->versions.contains(id)) {
        rows.push_back(version_row(entry.key, id, held->versions.at(id)));
    }
    const Token token = ++last_token_;
    owed_[token] = {from, entry.key, id};
    out.push_back(Persist{token, true, std::move(rows)});
}

void Store::hear(Instant /*now*/, NodeId from, const EntryAck& ack, Effects& /*out*/) {
    acks_.heard(from, ack.key, ack.version);
}

}  // namespace shoal::store
