// What can happen to the placement machine, and what it wants done.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/journal.h"
#include "node/base/standing.h"
#include "node/base/time.h"
#include "placement/claim.h"
#include "placement/container.h"
#include "placement/job.h"
#include "placement/messages.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::placement {

// What a node says of itself (fact "node/self" of its origin log).
struct NodeFacts {
    std::string name{};
    std::string zone{};
    std::string version{};
    std::map<std::string, std::string> labels{};
    Resources capacity{};
    bool runtime = false;  // false: bids nothing (--runtime none)
    bool draining = false;
    std::vector<Endpoint> addresses{};
    bool privileged = false;  // runs what could do something to other containers or to the node
    std::vector<std::string> binds{};  // folders that containers may mount, and all below them
    friend bool operator==(const NodeFacts&, const NodeFacts&) = default;
};

auto fields(Is<NodeFacts> auto& v) {
    return std::tie(v.name, v.zone, v.version, v.labels, v.capacity, v.runtime, v.draining,
                    v.addresses, v.privileged, v.binds);
}

[[nodiscard]] Bytes encode_facts(const NodeFacts& facts);
[[nodiscard]] Result<NodeFacts> decode_facts(ByteView bytes);

// ---- inputs

struct Start {
    NodeFacts facts{};
    bool alone = false;               // the roster holds no other member: coordinate at once
    std::vector<VolumeId> volumes{};  // whose directories are there
};

auto fields(Is<Start> auto& v) {
    return std::tie(v.facts, v.alone, v.volumes);
}

// The runtime's first complete list after boot. Until it came nothing is started or bid.
struct RuntimeListed {
    std::vector<ContainerReport> containers{};
};

auto fields(Is<RuntimeListed> auto& v) {
    return std::tie(v.containers);
}

// The runtime itself is not well: it starts nothing, and what it runs goes on. Empty: well again.
struct RuntimeTroubled {
    std::string why{};
};

auto fields(Is<RuntimeTroubled> auto& v) {
    return std::tie(v.why);
}

struct RuntimeReported {
    ContainerReport report{};
};

auto fields(Is<RuntimeReported> auto& v) {
    return std::tie(v.report);
}

// The winning version of a job. Nothing in `spec`: deleted (its tombstone is the evidence).
struct JobChanged {
    std::string job{};
    std::uint64_t gen = 0;
    std::optional<JobSpec> spec{};
};

auto fields(Is<JobChanged> auto& v) {
    return std::tie(v.job, v.gen, v.spec);
}

// Some node's claim (also our own, echoed by the store), or its removal.
struct ClaimSeen {
    NodeId node{};
    SlotId slot{};
    Epoch epoch = 0;
    std::optional<Claim> claim{};
};

auto fields(Is<ClaimSeen> auto& v) {
    return std::tie(v.node, v.slot, v.epoch, v.claim);
}

// All that became visible at once: an origin tells its claims together, and a mixture of some old
// and some new ones was never true anywhere.
struct ClaimsSeen {
    std::vector<ClaimSeen> claims{};
};

auto fields(Is<ClaimsSeen> auto& v) {
    return std::tie(v.claims);
}

// Some node's word that it holds a volume (also our own, echoed by the store), or that no more.
struct VolumeSeen {
    NodeId node{};
    VolumeId volume{};
    std::optional<VolumeRecord> record{};
};

auto fields(Is<VolumeSeen> auto& v) {
    return std::tie(v.node, v.volume, v.record);
}

// Whether this node has an image, whole. Nobody says anything of those it never had.
struct ImageSeen {
    std::string digest{};
    bool here = false;
};

auto fields(Is<ImageSeen> auto& v) {
    return std::tie(v.digest, v.here);
}

// A person wants a volume of this node gone. One that a replica has is left alone.
struct RemoveVolume {
    VolumeId volume{};
};

auto fields(Is<RemoveVolume> auto& v) {
    return std::tie(v.volume);
}

struct FactsSeen {
    NodeId node{};
    std::optional<NodeFacts> facts{};
};

auto fields(Is<FactsSeen> auto& v) {
    return std::tie(v.node, v.facts);
}

struct PeerChanged {
    NodeId peer{};
    Standing standing = Standing::Alive;
    bool announced = false;
};

auto fields(Is<PeerChanged> auto& v) {
    return std::tie(v.peer, v.standing, v.announced);
}

struct SyncedWith {  // The store has completed one exchange with this member since boot.
    NodeId peer{};
};

auto fields(Is<SyncedWith> auto& v) {
    return std::tie(v.peer);
}

struct Receive {
    NodeId from{};
    Message message{};
};

auto fields(Is<Receive> auto& v) {
    return std::tie(v.from, v.message);
}

struct Drain {  // We are leaving: bid no more, stop what runs.
    bool stop_containers = true;
};

auto fields(Is<Drain> auto& v) {
    return std::tie(v.stop_containers);
}

struct Persisted {
    Token token = 0;
};

auto fields(Is<Persisted> auto& v) {
    return std::tie(v.token);
}

struct PersistFailed {
    Token token = 0;
};

auto fields(Is<PersistFailed> auto& v) {
    return std::tie(v.token);
}

struct Tick {
    WallTime wall{};  // for the `since` of claims, shown to people only
};

auto fields(Is<Tick> auto& v) {
    return std::tie(v.wall);
}

// Which disk of this node is short of space, in words; empty: none. While one is, the node bids
// nothing.
struct DiskSpace {
    std::string low{};
};

auto fields(Is<DiskSpace> auto& v) {
    return std::tie(v.low);
}

using Input =
    std::variant<Start, RuntimeListed, RuntimeReported, JobChanged, ClaimsSeen, FactsSeen,
                 PeerChanged, SyncedWith, Receive, Drain, Persisted, PersistFailed, Tick, DiskSpace,
                 RuntimeTroubled, VolumeSeen, RemoveVolume, CheckReport, ImageSeen>;

// ---- effects

struct Send {
    NodeId to{};
    Message message{};
    friend bool operator==(const Send&, const Send&) = default;
};

auto fields(Is<Send> auto& v) {
    return std::tie(v.to, v.message);
}

struct Persist {
    Token token = 0;
    Batch batch{};
    friend bool operator==(const Persist&, const Persist&) = default;
};

auto fields(Is<Persist> auto& v) {
    return std::tie(v.token, v.batch);
}

// Say it in our origin log; nothing = the claim is over and forgotten.
struct PublishClaim {
    SlotId slot{};
    Epoch epoch = 0;
    std::optional<Claim> claim{};
    friend bool operator==(const PublishClaim&, const PublishClaim&) = default;
};

auto fields(Is<PublishClaim> auto& v) {
    return std::tie(v.slot, v.epoch, v.claim);
}

// Say in our origin log that we hold it; nothing = no more.
struct PublishVolume {
    VolumeId volume{};
    std::optional<VolumeRecord> record{};
    friend bool operator==(const PublishVolume&, const PublishVolume&) = default;
};

auto fields(Is<PublishVolume> auto& v) {
    return std::tie(v.volume, v.record);
}

// Its directory goes, with all that is in it.
struct DeleteVolume {
    VolumeId volume{};
    friend bool operator==(const DeleteVolume&, const DeleteVolume&) = default;
};

auto fields(Is<DeleteVolume> auto& v) {
    return std::tie(v.volume);
}

// The coordinator's verdict on a slot changed; for events and explain.
struct SlotDecided {
    SlotId slot{};
    enum class What : std::uint8_t { Pending, Awarded, Replacing, Satisfied } what = What::Pending;
    NodeId node{};
    std::string sentence{};
    friend bool operator==(const SlotDecided&, const SlotDecided&) = default;
};

auto fields(Is<SlotDecided> auto& v) {
    return std::tie(v.slot, v.what, v.node, v.sentence);
}

struct Drained {  // Answer to Drain: nothing of ours runs any more, or all that may stay stays.
    friend bool operator==(const Drained&, const Drained&) = default;
};

auto fields(Is<Drained> auto& /*v*/) {
    return std::tie();
}

using Effect = std::variant<Send, Persist, PublishClaim, StartContainer, StopContainer, SlotDecided,
                            Drained, PublishVolume, DeleteVolume, CheckContainer>;
using Effects = std::vector<Effect>;

// ---- explain

// What one node said, or why it was not asked, the last time the slots of a job were decided.
struct Verdict {
    NodeId node{};
    bool bids = false;
    std::uint32_t price = 0;
    std::vector<Reason> reasons{};
    Instant at{};
};

auto fields(Is<Verdict> auto& v) {
    return std::tie(v.node, v.bids, v.price, v.reasons, v.at);
}

}  // namespace shoal::placement
