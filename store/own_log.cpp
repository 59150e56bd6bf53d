#include "store/own_log.h"

#include "node/base/check.h"
#include "store/codec.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace shoal::store {
namespace {

constexpr std::size_t kBootsKept = 64;

}  // namespace

OwnLog::OwnLog(NodeId self, const Signer& signer, const Limits& limits)
    : self_(self), signer_(signer), limits_(limits) {}

void OwnLog::restore(OriginLog log, std::vector<Boot> boots) {
    log_ = std::move(log);
    boots_ = std::move(boots);
    if (log_.empty()) return;
    for (const auto& [key, stored] : log_.records()) {
        if (!stored.record.tombstone) resize(key, stored.record.value.size());
    }
    epoch_ = log_.head().log_epoch;
    seq_above_ = log_.head().seq;
    floor_ = log_.head().floor;
}

void OwnLog::boot(Instant now, std::uint64_t incarnation, std::uint64_t boot_nonce) {
    incarnation_ = incarnation;
    boot_ = boot_nonce;
    boots_.push_back({boot_nonce, log_.head().log_epoch, log_.head().seq});
    if (boots_.size() > kBootsKept) {
        boots_.erase(boots_.begin(), boots_.end() - std::ptrdiff_t{kBootsKept});
    }
    touched_ = true;
    for (const auto& [key, stored] : log_.records()) {
        if (stored.record.tombstone) buried_.insert_or_assign(key, now);
    }
}

void OwnLog::resize(const std::string& key, std::size_t size) {
    std::size_t& known = sizes_[key];
    live_bytes_ += size - known;
    known = size;
}

std::vector<std::string> OwnLog::publish(const std::vector<Fact>& facts) {
    std::vector<std::string> refused;
    for (const Fact& fact : facts) {
        const std::size_t size = fact.value ? fact.value->size() : 0;
        if (fact.key.empty() || fact.key.size() > kKeyBytesMax || size > kValueBytesMax) {
            refused.push_back(fact.key);
            continue;
        }
        const auto known = log_.records().find(fact.key);
        const bool exists = known != log_.records().end() && !known->second.record.tombstone;
        const bool waits =
            queue_.contains(fact.key) ||
            (staged_ && std::any_of(staged_->delta.records.begin(), staged_->delta.records.end(),
                                    [&](const Record& r) { return r.key == fact.key; }));
        if (!waits) {
            if (!fact.value && !exists) continue;
            if (fact.value && exists && known->second.record.value == *fact.value) continue;
        }
        const bool one_too_many =
            !exists && !waits && log_.records().size() + queue_.size() >= limits_.live_keys;
        const auto before = sizes_.find(fact.key);
        const std::size_t freed = before == sizes_.end() ? 0 : before->second;
        // What shrinks is always taken: it is the way back into the budget.
        const bool too_much = size > freed && live_bytes_ - freed + size > limits_.live_bytes;
        if (one_too_many || too_much) {
            refused.push_back(fact.key);
            continue;
        }
        resize(fact.key, size);
        if (!fact.value) sizes_.erase(fact.key);
        queue_.insert_or_assign(fact.key, fact.value);
    }
    return refused;
}

Batch OwnLog::stage(Instant now) {
    SHOAL_CHECK(ready());
    Staged next;
    std::uint64_t seq = std::max(log_.head().seq, seq_above_);
    std::map<std::string, OriginLog::Stored> changed;
    const auto put = [&](Record record) {
        const auto digest = signer_.digest(hashed_part(record));
        changed.insert_or_assign(record.key, OriginLog::Stored{record, digest});
        next.delta.records.push_back(std::move(record));
    };
    if (reset_) {
        for (const auto& [key, stored] : log_.records()) {
            if (stored.record.tombstone) {
                next.rows.push_back(erased_record_row(self_, key));
            } else if (!queue_.contains(key)) {
                put({key, ++seq, false, stored.record.value});
            }
        }
        floor_ = 0;
    }
    for (const auto& [key, value] : queue_) {
        if (reset_ && !value) {
            next.rows.push_back(erased_record_row(self_, key));
            continue;
        }
        put({key, ++seq, !value, value.value_or(Blob{})});
        if (value) {
            buried_.erase(key);
        } else {
            buried_.insert_or_assign(key, now);
        }
    }
    if (next.delta.records.empty()) ++seq;  // A head alone still needs a number of its own.
    const std::map<std::string, OriginLog::Stored> nothing;
    Head head{.origin = self_,
              .key = signer_.public_key(),
              .log_epoch = epoch_,
              .seq = seq,
              .floor = floor_,
              .content = content_of(reset_ ? nothing : log_.records(), changed, floor_, signer_),
              .incarnation = incarnation_,
              .boot = boot_};
    head.signature = signer_.sign(signed_part(head));
    next.delta.from = reset_ ? 0 : log_.head().seq;
    next.delta.reset = reset_ || log_.empty();
    next.delta.head = head;
    for (const Record& record : next.delta.records) {
        next.rows.push_back(record_row(self_, record));
    }
    for (const auto& [key, stored] : log_.records()) {
        if (stored.record.tombstone && stored.record.seq <= floor_ && !changed.contains(key)) {
            next.rows.push_back(erased_record_row(self_, key));
        }
    }
    next.rows.push_back(head_row(head));
    next.rows.push_back({Table::Meta, "store/boots", Blob{encode_boots(boots_)}});
    queue_.clear();
    touched_ = false;
    reset_ = false;
    staged_ = std::move(next);
    return staged_->rows;
}

Batch OwnLog::staged_rows() const {
    return staged_ ? staged_->rows : Batch{};
}

OwnLog::Committed OwnLog::commit() {
    SHOAL_CHECK(staged_.has_value());
    Committed out{.delta = std::move(staged_->delta)};
    staged_.reset();
    log_.write(out.delta, signer_, out.changes);
    return out;
}

// We signed it, and the journal it went with is the one we have.
bool OwnLog::remembers(const Head& seen) const {
    const auto at = std::tie(seen.log_epoch, seen.seq);
    for (auto boot = boots_.rbegin(); boot != boots_.rend(); ++boot) {
        if (at <= std::tie(boot->log_epoch, boot->seq)) continue;
        return boot->nonce == seen.boot;
    }
    return false;
}

bool OwnLog::forgot(const Head& seen) const {
    const Head& ours = staged_ ? staged_->delta.head : log_.head();
    const auto theirs = std::tie(seen.log_epoch, seen.seq);
    const auto mine = std::tie(ours.log_epoch, ours.seq);
    if (theirs > mine) return true;
    if (theirs == mine) return seen.content != ours.content;
    return seen.log_epoch == ours.log_epoch && !remembers(seen);
}

void OwnLog::raise_above(const Head& seen) {
    epoch_ = std::max(epoch_, seen.log_epoch) + 1;
    seq_above_ = std::max(seq_above_, seen.seq);
    touched_ = true;
    reset_ = true;
}

Instant OwnLog::next_sweep() const {
    Instant first = kNever;
    for (const auto& [key, since] : buried_) {
        first = std::min(first, since + limits_.tombstones_for);
    }
    return first;
}

void OwnLog::sweep(Instant now) {
    for (auto at = buried_.begin(); at != buried_.end();) {
        if (at->second + limits_.tombstones_for > now) {
            ++at;
            continue;
        }
        const auto record = log_.records().find(at->first);
        if (record != log_.records().end() && record->second.record.tombstone) {
            floor_ = std::max(floor_, record->second.record.seq);
            touched_ = true;
        }
        at = buried_.erase(at);
    }
}

}  // namespace shoal::store
