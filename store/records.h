// What is stored: records of origin logs with their signed heads, and versions of the shared map.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/signer.h"
#include "node/base/time.h"

#include <compare>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::store {

// ---- origin logs

// One fact in its newest version. A deleted one stays as a tombstone until the floor passes it.
struct Record {
    std::string key{};
    std::uint64_t seq = 0;
    bool tombstone = false;
    Blob value{};
    friend bool operator==(const Record&, const Record&) = default;
};

auto fields(Is<Record> auto& v) {
    return std::tie(v.key, v.seq, v.tombstone, v.value);
}

// Where a log stands. (log_epoch, seq) orders the heads of one origin. `content` is the digest over
// all records (tombstones above the floor included) in key order, so equal heads mean equal logs.
struct Head {
    NodeId origin{};
    PublicKey key{};  // whose hash is `origin`: nothing else is needed to verify
    std::uint64_t log_epoch = 0;
    std::uint64_t seq = 0;
    std::uint64_t floor = 0;  // tombstones at or below it are gone; who is older needs a reset
    Digest content{};
    std::uint64_t incarnation = 0;
    std::uint64_t boot = 0;
    std::string zone{};  // reserved for zones above the flat limit
    Signature signature{};
    friend bool operator==(const Head&, const Head&) = default;
};

auto fields(Is<Head> auto& v) {
    return std::tie(v.origin, v.key, v.log_epoch, v.seq, v.floor, v.content, v.incarnation, v.boot,
                    v.zone, v.signature);
}

// ---- the shared map

using VersionId = std::uint64_t;  // keyed hash over the identifying fields below; 0 = none

// One version of one key. `gen` = 1 + the highest its author had seen; ties by (delete beats edit,
// wall, author, submission). `parent` is the version its author replaced.
struct Version {
    std::uint64_t gen = 0;
    bool tombstone = false;
    WallTime wall{};
    NodeId author{};
    SubmissionId submission{};
    VersionId parent = 0;
    Blob body{};
    friend bool operator==(const Version&, const Version&) = default;
};

auto fields(Is<Version> auto& v) {
    return std::tie(v.gen, v.tombstone, v.wall, v.author, v.submission, v.parent, v.body);
}

// Larger wins. A total order over the identifying fields (the body is a function of them).
[[nodiscard]] std::strong_ordering precedence(const Version& a, const Version& b);

[[nodiscard]] VersionId version_id(const std::string& key, const Version& version);

// May be held at all; anything else was never written by a sound node.
[[nodiscard]] bool fits(const std::string& key, const Version& version);

inline constexpr std::uint64_t kGenMax = std::uint64_t{1}
                                         << 62U;  // nothing is rewritten this often
inline constexpr std::size_t kKeyBytesMax = 512;
inline constexpr std::size_t kValueBytesMax = 256 * 1024;
inline constexpr std::size_t kVersionsKeptMax = 32;  // per key, besides the winner

// A process of this node that wrote its log, and where the log stood when it began: every head it
// signed lies above, and not above where its successor began.
struct Boot {
    std::uint64_t nonce = 0;
    std::uint64_t log_epoch = 0;
    std::uint64_t seq = 0;
    friend bool operator==(const Boot&, const Boot&) = default;
};

auto fields(Is<Boot> auto& v) {
    return std::tie(v.nonce, v.log_epoch, v.seq);
}

}  // namespace shoal::store
