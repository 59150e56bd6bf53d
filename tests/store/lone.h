// One store and whoever the test pretends to be around it. The journal answers when told to.
#pragma once

#include "store/codec.h"
#include "store/store.h"
#include "tests/support/disk.h"
#include "tests/support/effects.h"
#include "tests/support/signer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::store {

using tests::all;
using tests::has;
using tests::TestSigner;

inline constexpr Instant kMorning{std::chrono::hours{1}};

class Lone {
public:
    explicit Lone(const tests::Disk& disk = {}, const Config& config = {}) : disk_(disk) {
        store_ = std::make_unique<Store>(self(), config, Random{1}, *signer_, disk_.rows());
    }

    [[nodiscard]] NodeId self() const { return signer_->id(); }

    Effects step(const Input& input) { return store_->step(now_, input); }

    Effects waits(Duration duration) {
        now_ += duration;
        return step(Tick{});
    }

    Effects hears(NodeId from, Message message) { return step(Receive{from, std::move(message)}); }

    // The rows reach the disk, and the store hears of those it waits for.
    Effects synced(const Effects& effects) {
        Effects out;
        for (const Persist& persist : all<Persist>(effects)) {
            disk_.write(persist.batch);
            if (!persist.sync) continue;
            const auto more = step(Persisted{persist.token});
            out.insert(out.end(), more.begin(), more.end());
        }
        return out;
    }

    // Comes up; its first head is on disk afterwards.
    void starts(std::uint64_t boot = 1) { (void)synced(step(Start{1, boot})); }

    // What comes of it once it is on disk.
    Effects publishes(const std::string& key, std::optional<std::string> value) {
        Fact fact{key, {}};
        if (value) fact.value = to_blob(*value);
        return synced(step(Publish{{fact}}));
    }

    void meets(NodeId peer, Standing standing = Standing::Alive) {
        (void)step(PeerChanged{peer, standing});
    }

    Store& store() { return *store_; }

    tests::Disk& disk() { return disk_; }

    const TestSigner& signer() { return *signer_; }

private:
    // The store refers to it, so it stays where it is when we are moved.
    std::unique_ptr<TestSigner> signer_ = std::make_unique<TestSigner>(1);
    tests::Disk disk_;
    std::unique_ptr<Store> store_;
    Instant now_ = kMorning;
};

// The other end: writes a log of its own and signs it.
class Author {
public:
    explicit Author(std::uint64_t number) : signer_(number) {}

    [[nodiscard]] NodeId id() const { return signer_.id(); }

    // Says `key` anew and returns the delta from the log as it was.
    Delta says(const std::string& key, std::optional<std::string> value) {
        const auto from = seq_++;
        records_[key] = Record{key, seq_, !value, to_blob(value.value_or(""))};
        return delta(from);
    }

    [[nodiscard]] Delta delta(std::uint64_t from) const {
        Delta out{.from = from, .reset = from == 0, .head = head()};
        for (const auto& [key, record] : records_) {
            const bool gone = record.tombstone && record.seq <= floor_;
            if (record.seq > from && !gone) out.records.push_back(record);
        }
        return out;
    }

    [[nodiscard]] Head head() const {
        Bytes digests;
        for (const auto& [key, record] : records_) {
            if (record.tombstone && record.seq <= floor_) continue;
            const auto digest = signer_.digest(hashed_part(record));
            digests.insert(digests.end(), digest.bytes.begin(), digest.bytes.end());
        }
        Head out{.origin = id(),
                 .key = signer_.public_key(),
                 .log_epoch = epoch_,
                 .seq = seq_,
                 .floor = floor_,
                 .content = signer_.digest(digests),
                 .incarnation = 1,
                 .boot = 7};
        return signed_by(out, signer_);
    }

    void raises_floor_to(std::uint64_t floor) { floor_ = floor; }

    void begins_epoch(std::uint64_t epoch) {
        epoch_ = epoch;
        floor_ = 0;
    }

    static Head signed_by(Head head, const TestSigner& signer) {
        head.signature = signer.sign(signed_part(head));
        return head;
    }

    const TestSigner& signer() const { return signer_; }

private:
    TestSigner signer_;
    std::uint64_t epoch_ = 1;
    std::uint64_t seq_ = 0;
    std::uint64_t floor_ = 0;
    std::map<std::string, Record> records_;
};

inline std::optional<std::string> text_of(const OriginLog* log, const std::string& key) {
    if (log == nullptr) return std::nullopt;
    const auto found = log->records().find(key);
    if (found == log->records().end() || found->second.record.tombstone) return std::nullopt;
    return to_text(found->second.record.value.view());
}

}  // namespace shoal::store
