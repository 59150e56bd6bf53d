#include "store/origin_log.h"

#include "node/base/mutant.h"
#include "store/codec.h"

#include <tuple>
#include <utility>

namespace shoal::store {
namespace {

bool below_floor(const Record& record, std::uint64_t floor) {
    return record.tombstone && record.seq <= floor;
}

// Every log begins in epoch 1 with a first number; (0, 0) is the place of who holds nothing.
bool names_a_place(const Head& head) {
    return head.log_epoch > 0 && head.seq > 0;
}

}  // namespace

bool verify(const Head& head, const Signer& signer) {
    return signer.id_of(head.key) == head.origin &&
           signer.verify(head.key, signed_part(head), head.signature);
}

Digest content_of(const std::map<std::string, OriginLog::Stored>& records,
                  const std::map<std::string, OriginLog::Stored>& changed, std::uint64_t floor,
                  const Signer& signer) {
    Bytes all;
    all.reserve((records.size() + changed.size()) * 32);
    const auto add = [&](const OriginLog::Stored& stored) {
        if (below_floor(stored.record, floor)) return;
        all.insert(all.end(), stored.digest.bytes.begin(), stored.digest.bytes.end());
    };
    auto old = records.begin();
    auto fresh = changed.begin();
    while (old != records.end() || fresh != changed.end()) {
        const bool take_fresh =
            old == records.end() || (fresh != changed.end() && fresh->first <= old->first);
        if (take_fresh) {
            if (old != records.end() && old->first == fresh->first) ++old;
            add((fresh++)->second);
        } else {
            add((old++)->second);
        }
    }
    return signer.digest(all);
}

OriginLog::Applied OriginLog::apply(const Delta& delta, const Signer& signer,
                                    std::vector<Change>& changes) {
    const Head& to = delta.head;
    if (!names_a_place(to)) return Applied::Forged;
    const auto theirs = std::tie(to.log_epoch, to.seq);
    const auto ours = std::tie(head_.log_epoch, head_.seq);
    if (!empty() && theirs == ours) {
        if (to.content == head_.content) return Applied::Old;
        return verify(to, signer) ? Applied::Equivocation : Applied::Forged;
    }
    if (!empty() && theirs < ours) return Applied::Old;
    const bool bridges =
        to.log_epoch == head_.log_epoch && delta.from <= head_.seq && head_.seq >= to.floor;
    if (!delta.reset && !bridges && !(SHOAL_MUTANT(SkipFloorCheck) && delta.from <= head_.seq)) {
        return Applied::Gap;
    }

    std::map<std::string, Stored> changed;
    for (const Record& record : delta.records) {
        const bool sane = record.seq <= to.seq && record.key.size() <= kKeyBytesMax &&
                          record.value.size() <= kValueBytesMax;
        if (!sane) return Applied::Forged;
        if (!delta.reset && record.seq <= head_.seq) continue;  // Known in this or a newer version.
        changed.insert_or_assign(record.key, Stored{record, signer.digest(hashed_part(record))});
    }
    const std::map<std::string, Stored> nothing;
    const auto& base = delta.reset ? nothing : records_;
    if (!SHOAL_MUTANT(AcceptUnsignedHead)) {
        if (!verify(to, signer)) return Applied::Forged;
        if (content_of(base, changed, to.floor, signer) != to.content) return Applied::Diverged;
    }

    take(delta, std::move(changed), changes);
    return Applied::Done;
}

void OriginLog::write(const Delta& delta, const Signer& signer, std::vector<Change>& changes) {
    Records changed;
    for (const Record& record : delta.records) {
        changed.insert_or_assign(record.key, Stored{record, signer.digest(hashed_part(record))});
    }
    take(delta, std::move(changed), changes);
}

void OriginLog::take(const Delta& delta, Records changed, std::vector<Change>& changes) {
    if (delta.reset) {
        for (const auto& [key, stored] : records_) {
            if (!changed.contains(key)) changes.push_back({key, true});
        }
        records_.clear();
    }
    for (auto& [key, stored] : changed) {
        changes.push_back({key, false});
        records_.insert_or_assign(key, std::move(stored));
    }
    std::erase_if(records_, [&](const auto& item) {
        if (!below_floor(item.second.record, delta.head.floor)) return false;
        changes.push_back({item.first, true});
        return true;
    });
    head_ = delta.head;
}

Delta OriginLog::delta_from(std::uint64_t log_epoch, std::uint64_t after) const {
    Delta out{.head = head_};
    out.reset =
        log_epoch != head_.log_epoch || (after < head_.floor && !SHOAL_MUTANT(SkipFloorCheck));
    out.from = out.reset ? 0 : after;
    for (const auto& [key, stored] : records_) {
        if (out.reset || stored.record.seq > after) out.records.push_back(stored.record);
    }
    return out;
}

std::size_t OriginLog::value_bytes() const {
    std::size_t out = 0;
    for (const auto& [key, stored] : records_) {
        out += stored.record.value.size();
    }
    return out;
}

bool OriginLog::restore(const Head& head, std::map<std::string, Stored>& records,
                        const Signer& signer) {
    if (!names_a_place(head) || !verify(head, signer)) return false;
    for (auto& [key, stored] : records) {
        stored.digest = signer.digest(hashed_part(stored.record));
    }
    if (content_of(records, {}, head.floor, signer) != head.content) return false;
    head_ = head;
    records_ = std::move(records);
    return true;
}

}  // namespace shoal::store
