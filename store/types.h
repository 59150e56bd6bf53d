// What can happen to the store machine, and what it wants done.
//
// Two replicated sets, one machine (architecture 4.2): origin logs (one writer each) and the shared
// map (many writers, merged by version).
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/journal.h"
#include "node/base/signer.h"
#include "node/base/standing.h"
#include "node/base/time.h"
#include "store/messages.h"
#include "store/records.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::store {

// ---- inputs

// The process is up. Incarnation and boot nonce are membership's; they go into every own head.
struct Start {
    std::uint64_t incarnation = 0;
    std::uint64_t boot = 0;
};

auto fields(Is<Start> auto& v) {
    return std::tie(v.incarnation, v.boot);
}

// Own-log writes: facts, claims, instances. All of one input become one batch, seqs in this order.
struct Fact {
    std::string key{};
    std::optional<Blob> value{};  // nothing = delete
};

auto fields(Is<Fact> auto& v) {
    return std::tie(v.key, v.value);
}

struct Publish {
    std::vector<Fact> facts{};
};

auto fields(Is<Publish> auto& v) {
    return std::tie(v.facts);
}

// A client's write to the shared map.
struct Write {
    std::uint64_t request = 0;  // ours to name it in WriteDone; unique per boot
    std::string key{};
    std::optional<Blob> body{};  // nothing = delete
    SubmissionId submission{};  // drawn by the client, the same on every retry: one id, one version
    WallTime wall{};            // the accepting node's clock, for ties and for people
    std::uint32_t acks = 0;     // 0 = W of architecture 4.2; otherwise exactly that many
    bool only_if_absent = false;  // a given name under another submission is refused as existing
};

auto fields(Is<Write> auto& v) {
    return std::tie(v.request, v.key, v.body, v.submission, v.wall, v.acks, v.only_if_absent);
}

struct Receive {
    NodeId from{};
    Message message{};
};

auto fields(Is<Receive> auto& v) {
    return std::tie(v.from, v.message);
}

// Membership's opinion of one other node changed.
struct PeerChanged {
    NodeId peer{};
    Standing standing = Standing::Alive;
};

auto fields(Is<PeerChanged> auto& v) {
    return std::tie(v.peer, v.standing);
}

// A stream to this peer was lost: what was sent may not have arrived.
struct PeerReset {
    NodeId peer{};
};

auto fields(Is<PeerReset> auto& v) {
    return std::tie(v.peer);
}

struct Persisted {
    Token token = 0;
};

auto fields(Is<Persisted> auto& v) {
    return std::tie(v.token);
}

struct PersistFailed {
    Token token = 0;
    std::string why{};
};

auto fields(Is<PersistFailed> auto& v) {
    return std::tie(v.token, v.why);
}

struct Tick {};

auto fields(Is<Tick> auto& /*v*/) {
    return std::tie();
}

using Input = std::variant<Start, Publish, Write, Receive, PeerChanged, PeerReset, Persisted,
                           PersistFailed, Tick>;

// ---- effects

struct Send {
    NodeId to{};
    Message message{};
    friend bool operator==(const Send&, const Send&) = default;
};

auto fields(Is<Send> auto& v) {
    return std::tie(v.to, v.message);
}

// `sync`: the machine waits for Persisted{token}. Without it the rows may be lost in a crash and
// come back from peers, and no Persisted follows.
struct Persist {
    Token token = 0;
    bool sync = true;
    Batch batch{};
    friend bool operator==(const Persist&, const Persist&) = default;
};

auto fields(Is<Persist> auto& v) {
    return std::tie(v.token, v.sync, v.batch);
}

// A fact of some origin (also our own) became visible here, in its newest version.
struct FactChanged {
    NodeId origin{};
    std::string key{};
    std::optional<Blob> value{};
    std::uint64_t seq = 0;
    friend bool operator==(const FactChanged&, const FactChanged&) = default;
};

auto fields(Is<FactChanged> auto& v) {
    return std::tie(v.origin, v.key, v.value, v.seq);
}

// The winner of a key of the shared map changed, or its conflict did.
struct EntryChanged {
    std::string key{};
    Version winner{};
    bool conflict = false;  // some version is not an ancestor of the winner
    friend bool operator==(const EntryChanged&, const EntryChanged&) = default;
};

auto fields(Is<EntryChanged> auto& v) {
    return std::tie(v.key, v.winner, v.conflict);
}

enum class WriteOutcome : std::uint8_t {
    Done = 0,  // `acked` synced copies, ours included; fewer than wanted only with `missing` named
    Exists = 1,  // only_if_absent, and it exists under another submission; nothing written
    NotEnough =
        2,       // acks were demanded and not reached in time; the write stands and keeps spreading
    Failed = 3,  // the disk refused; nothing was written or sent
    TooLarge = 4,  // key or body over the limit; nothing written
};

struct WriteDone {
    std::uint64_t request = 0;
    WriteOutcome outcome = WriteOutcome::Done;
    std::string key{};
    VersionId version{};
    std::uint64_t gen = 0;
    std::uint32_t acked = 0;
    std::uint32_t wanted = 0;
    std::vector<NodeId> missing{};
    std::string why{};
    friend bool operator==(const WriteDone&, const WriteDone&) = default;
};

auto fields(Is<WriteDone> auto& v) {
    return std::tie(v.request, v.outcome, v.key, v.version, v.gen, v.acked, v.wanted, v.missing,
                    v.why);
}

// One complete exchange with this member has ended: we hold all it held when it began.
struct SyncedWith {
    NodeId peer{};
    friend bool operator==(const SyncedWith&, const SyncedWith&) = default;
};

auto fields(Is<SyncedWith> auto& v) {
    return std::tie(v.peer);
}

enum class NoticeKind : std::uint8_t {
    LogRaised,     // our journal was lost or rolled back: log_epoch raised, all republished
    BadHead,       // a head or delta from `node` failed verification
    Equivocation,  // two signed heads of one (log_epoch, seq) with different content
    OverBudget,    // own facts beyond the budget of a log were refused; `detail` is the key
};

struct Notice {
    NoticeKind kind = NoticeKind::BadHead;
    NodeId node{};  // who sent it, or whose log it is
    std::string detail{};
    friend bool operator==(const Notice&, const Notice&) = default;
};

auto fields(Is<Notice> auto& v) {
    return std::tie(v.kind, v.node, v.detail);
}

using Effect =
    std::variant<Send, Persist, FactChanged, EntryChanged, WriteDone, SyncedWith, Notice>;
using Effects = std::vector<Effect>;

}  // namespace shoal::store
