// What stores say to one another, all of it on streams.
#pragma once

#include "node/base/fields.h"
#include "node/base/id.h"
#include "store/records.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::store {

// Part of a log that leads from (log_epoch, from) exactly to `head`. from = 0 with `reset`: the
// whole log, replacing what the receiver had.
struct Delta {
    std::uint64_t from = 0;
    bool reset = false;
    std::vector<Record> records{};
    Head head{};
    friend bool operator==(const Delta&, const Delta&) = default;
};

auto fields(Is<Delta> auto& v) {
    return std::tie(v.from, v.reset, v.records, v.head);
}

// "Send me this log from where I stand."
struct DeltaRequest {
    NodeId origin{};
    std::uint64_t log_epoch = 0;
    std::uint64_t after = 0;
    friend bool operator==(const DeltaRequest&, const DeltaRequest&) = default;
};

auto fields(Is<DeltaRequest> auto& v) {
    return std::tie(v.origin, v.log_epoch, v.after);
}

// A version of the shared map. `ack`: the writer waits for a synced copy.
struct Entry {
    std::string key{};
    Version version{};
    bool ack = false;
    friend bool operator==(const Entry&, const Entry&) = default;
};

auto fields(Is<Entry> auto& v) {
    return std::tie(v.key, v.version, v.ack);
}

// "That version, or a higher one of its key, is synced here."
struct EntryAck {
    std::string key{};
    VersionId version = 0;
    friend bool operator==(const EntryAck&, const EntryAck&) = default;
};

auto fields(Is<EntryAck> auto& v) {
    return std::tie(v.key, v.version);
}

// Anti-entropy, first step: fingerprints of the whole version vector and of the shared map.
struct Fingerprint {
    std::uint64_t round = 0;
    std::uint64_t logs = 0;
    std::uint64_t map = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

auto fields(Is<Fingerprint> auto& v) {
    return std::tie(v.round, v.logs, v.map);
}

struct LogPosition {
    NodeId origin{};
    std::uint64_t log_epoch = 0;
    std::uint64_t seq = 0;
    friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

auto fields(Is<LogPosition> auto& v) {
    return std::tie(v.origin, v.log_epoch, v.seq);
}

struct MapPosition {
    std::uint64_t key = 0;      // hash of the key
    std::uint64_t version = 0;  // hash over all versions held of it
    friend bool operator==(const MapPosition&, const MapPosition&) = default;
};

auto fields(Is<MapPosition> auto& v) {
    return std::tie(v.key, v.version);
}

// Second step, when fingerprints differ: everything we have. The receiver sends what we lack
// (deltas and entries), asks for what it lacks, and ends with DigestDone.
struct VectorDigest {
    std::uint64_t round = 0;
    bool answer = false;  // the receiver's own digest, sent back so that both sides learn
    std::vector<LogPosition> logs{};
    std::vector<MapPosition> map{};
    friend bool operator==(const VectorDigest&, const VectorDigest&) = default;
};

auto fields(Is<VectorDigest> auto& v) {
    return std::tie(v.round, v.answer, v.logs, v.map);
}

// "You have everything I had when your digest came." (Also the answer to equal fingerprints.)
struct DigestDone {
    std::uint64_t round = 0;
    friend bool operator==(const DigestDone&, const DigestDone&) = default;
};

auto fields(Is<DigestDone> auto& v) {
    return std::tie(v.round);
}

using Message =
    std::variant<Delta, DeltaRequest, Entry, EntryAck, Fingerprint, VectorDigest, DigestDone>;

}  // namespace shoal::store
