// What can happen to a node, and what it wants done in the world. The only vocabulary both drivers
// (node/host and chaos/) share with the agent.
#pragma once

#include "membership/types.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/journal.h"
#include "node/base/time.h"
#include "placement/types.h"
#include "store/types.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::agent {

// What travels between agents. The driver encodes it (node/agent/envelope.h), seals it and adds who
// sent it.
using Message = std::variant<membership::Message, store::Message, placement::Message>;

enum class Channel : std::uint8_t {
    Datagram = 0,  // may be lost, reordered, doubled; small
    Stream =
        1,  // in order while the connection lives; what is lost with it is reported by StreamBroken
};

[[nodiscard]] constexpr bool valid(Channel channel) {
    return channel <= Channel::Stream;
}

// ---- inputs

// First input of a boot; a node that is not in a cluster has no agent.
struct Start {
    Endpoint advertised{};
    bool has_seeds = false;
    placement::NodeFacts facts{};
    WallTime wall{};
    std::vector<placement::VolumeId> volumes{};  // whose directories are on this host
};

auto fields(Is<Start> auto& v) {
    return std::tie(v.advertised, v.has_seeds, v.facts, v.wall, v.volumes);
}

struct Receive {
    NodeId from{};
    Endpoint source{};
    Channel channel = Channel::Datagram;
    Message message{};
};

auto fields(Is<Receive> auto& v) {
    return std::tie(v.from, v.source, v.channel, v.message);
}

struct SeedsResolved {
    std::vector<Endpoint> seeds{};
};

auto fields(Is<SeedsResolved> auto& v) {
    return std::tie(v.seeds);
}

struct StreamBroken {
    NodeId peer{};
};

auto fields(Is<StreamBroken> auto& v) {
    return std::tie(v.peer);
}

struct StreamProbed {
    NodeId peer{};
    std::uint64_t question = 0;
    membership::Reach reach = membership::Reach::Silent;
    bool heard_our_datagrams = false;
};

auto fields(Is<StreamProbed> auto& v) {
    return std::tie(v.peer, v.question, v.reach, v.heard_our_datagrams);
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

struct RuntimeListed {
    std::vector<placement::ContainerReport> containers{};
};

auto fields(Is<RuntimeListed> auto& v) {
    return std::tie(v.containers);
}

// It starts nothing, and why; empty: it does again.
struct RuntimeTroubled {
    std::string why{};
};

auto fields(Is<RuntimeTroubled> auto& v) {
    return std::tie(v.why);
}

struct RuntimeReported {
    placement::ContainerReport report{};
};

auto fields(Is<RuntimeReported> auto& v) {
    return std::tie(v.report);
}

struct CheckReported {
    placement::CheckReport report{};
};

auto fields(Is<CheckReported> auto& v) {
    return std::tie(v.report);
}

// A client's write to the shared map; answered by WriteDone with the same request.
struct ClientWrite {
    std::uint64_t request = 0;
    std::string key{};
    std::optional<Blob> body{};
    SubmissionId submission{};
    WallTime wall{};
    std::uint32_t acks = 0;
    bool only_if_absent = false;
};

auto fields(Is<ClientWrite> auto& v) {
    return std::tie(v.request, v.key, v.body, v.submission, v.wall, v.acks, v.only_if_absent);
}

// A client's job: like ClientWrite of its key, but the accepting agent sets template_gen.
struct ClientJob {
    std::uint64_t request = 0;
    placement::JobSpec spec{};
    SubmissionId submission{};
    WallTime wall{};
    std::uint32_t acks = 0;
    bool only_if_absent = false;
};

auto fields(Is<ClientJob> auto& v) {
    return std::tie(v.request, v.spec, v.submission, v.wall, v.acks, v.only_if_absent);
}

inline constexpr Duration kLeaveDeadlineMax = std::chrono::hours{24};

// Leave the cluster for good: drain, then say LEFT, then MustStop. `now`: stop the containers at
// once; otherwise they get their grace within `deadline`, which is none to kLeaveDeadlineMax.
struct Leave {
    bool now = false;
    Duration deadline{};
};

auto fields(Is<Leave> auto& v) {
    return std::tie(v.now, v.deadline);
}

struct Restarting {};  // The process stops and will be back: tell the others.

auto fields(Is<Restarting> auto& /*v*/) {
    return std::tie();
}

struct Tick {
    WallTime wall{};
};

auto fields(Is<Tick> auto& v) {
    return std::tie(v.wall);
}

// What the host itself has to tell everybody, for our log: keys below kImagePrefix only.
struct HostFacts {
    std::vector<store::Fact> facts{};
};

auto fields(Is<HostFacts> auto& v) {
    return std::tie(v.facts);
}

// The node's disks: which is short of space, in words for a person; empty while all have enough.
struct DiskSpace {
    std::string low{};
};

auto fields(Is<DiskSpace> auto& v) {
    return std::tie(v.low);
}

// A volume of this node goes, with what is in it, unless a replica has it.
struct RemoveVolume {
    placement::VolumeId volume{};
};

auto fields(Is<RemoveVolume> auto& v) {
    return std::tie(v.volume);
}

// A new kind of input is added last: recordings name them by their place.
using Input = std::variant<Start, Receive, SeedsResolved, StreamBroken, StreamProbed, Persisted,
                           PersistFailed, RuntimeListed, RuntimeReported, ClientWrite, ClientJob,
                           Leave, Restarting, Tick, HostFacts, DiskSpace, RuntimeTroubled,
                           RemoveVolume, CheckReported>;

// ---- effects, in the order they are to be carried out

struct Transmit {
    NodeId to{};  // zero: whoever answers at `at` (a seed)
    Endpoint at{};
    Channel channel = Channel::Datagram;
    Message message{};
};

auto fields(Is<Transmit> auto& v) {
    return std::tie(v.to, v.at, v.channel, v.message);
}

// `sync`: answer with Persisted{token} once it is on disk, or PersistFailed. Without it the rows
// may be lost in a crash and nothing is answered.
struct Persist {
    Token token = 0;
    bool sync = true;
    Batch batch{};
};

auto fields(Is<Persist> auto& v) {
    return std::tie(v.token, v.sync, v.batch);
}

using membership::MemberChanged;
using membership::MustStop;
using membership::ProbeStream;
using membership::ResolveSeeds;
using placement::CheckContainer;
using placement::DeleteVolume;
using placement::SlotDecided;
using placement::StartContainer;
using placement::StopContainer;
using store::EntryChanged;
using store::FactChanged;
using store::WriteDone;

using Effect =
    std::variant<Transmit, Persist, ResolveSeeds, ProbeStream, StartContainer, StopContainer,
                 WriteDone, MustStop, CheckContainer,
                 // What follows asks for nothing: it is told for logs, events and oracles.
                 MemberChanged, FactChanged, EntryChanged, SlotDecided, membership::Notice,
                 store::Notice, DeleteVolume>;
using Effects = std::vector<Effect>;

}  // namespace shoal::agent
