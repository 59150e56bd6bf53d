// What can happen to the membership machine, and what it wants done.
#pragma once

#include "membership/claim.h"
#include "membership/messages.h"
#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/journal.h"
#include "node/base/standing.h"
#include "node/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::membership {

// ---- inputs

// The process is up and in a cluster. With no seeds and nobody remembered the node is alone and
// content. Seeds are tried for ever while nobody else is known to be present.
struct Start {
    Endpoint advertised{};
    bool has_seeds = false;
};

auto fields(Is<Start> auto& v) {
    return std::tie(v.advertised, v.has_seeds);
}

// A datagram or stream message, already authenticated: `from` is proven, `source` is where it came
// from (a hint only).
struct Receive {
    NodeId from{};
    Endpoint source{};
    Message message{};
};

auto fields(Is<Receive> auto& v) {
    return std::tie(v.from, v.source, v.message);
}

// The answer to ResolveSeeds; empty when no name resolved.
struct SeedsResolved {
    std::vector<Endpoint> seeds{};
};

auto fields(Is<SeedsResolved> auto& v) {
    return std::tie(v.seeds);
}

// An established stream to or from this peer ended. An accusation, never a verdict.
struct StreamBroken {
    NodeId peer{};
};

auto fields(Is<StreamBroken> auto& v) {
    return std::tie(v.peer);
}

enum class Reach : std::uint8_t {
    Answered = 0,  // it spoke, and proved who it is
    Refused = 1,   // RST or port unreachable from its own address
    Silent = 2,    // anything else, EHOSTUNREACH and ENETUNREACH included
};

[[nodiscard]] constexpr bool valid(Reach reach) {
    return reach <= Reach::Silent;
}

// The answer to ProbeStream. `heard_our_datagrams`: the peer says it receives our datagrams, so if
// we do not see its answers the way back is blocked.
struct StreamProbed {
    NodeId peer{};
    std::uint64_t question = 0;
    Reach reach = Reach::Silent;
    bool heard_our_datagrams = false;
};

auto fields(Is<StreamProbed> auto& v) {
    return std::tie(v.peer, v.question, v.reach, v.heard_our_datagrams);
}

struct Leave {};  // Tell everybody that we go for good.

auto fields(Is<Leave> auto& /*v*/) {
    return std::tie();
}

struct Restarting {};  // Tell everybody that this process stops and will be back.

auto fields(Is<Restarting> auto& /*v*/) {
    return std::tie();
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

struct Tick {};  // wakeup() has come.

auto fields(Is<Tick> auto& /*v*/) {
    return std::tie();
}

using Input = std::variant<Start, Receive, SeedsResolved, StreamBroken, StreamProbed, Leave,
                           Restarting, Persisted, PersistFailed, Tick>;

// ---- effects

// A datagram (at most kDatagramBytesMax encoded). `to` is zero for a seed whose id is not known
// yet.
struct Send {
    NodeId to{};
    Endpoint at{};
    Message message{};

    friend bool operator==(const Send&, const Send&) = default;
};

auto fields(Is<Send> auto& v) {
    return std::tie(v.to, v.at, v.message);
}

// The same over a stream: for what does not fit a datagram (member tables).
struct SendStream {
    NodeId to{};
    Endpoint at{};
    Message message{};

    friend bool operator==(const SendStream&, const SendStream&) = default;
};

auto fields(Is<SendStream> auto& v) {
    return std::tie(v.to, v.at, v.message);
}

struct ResolveSeeds {
    friend bool operator==(const ResolveSeeds&, const ResolveSeeds&) = default;
};

auto fields(Is<ResolveSeeds> auto& /*v*/) {
    return std::tie();
}

// Open a connection to the peer and see whether it answers; report with StreamProbed.
struct ProbeStream {
    NodeId peer{};
    Endpoint at{};
    std::uint64_t question = 0;

    friend bool operator==(const ProbeStream&, const ProbeStream&) = default;
};

auto fields(Is<ProbeStream> auto& v) {
    return std::tie(v.peer, v.at, v.question);
}

struct Persist {
    Token token = 0;
    Batch batch{};

    friend bool operator==(const Persist&, const Persist&) = default;
};

auto fields(Is<Persist> auto& v) {
    return std::tie(v.token, v.batch);
}

// What this node now believes of another (or of itself). `announced`: it said it would restart.
struct MemberChanged {
    NodeId node{};
    Endpoint endpoint{};
    Incarnation incarnation = 0;
    BootNonce boot = 0;
    std::optional<Standing> before{};  // nothing: first heard of
    Standing after = Standing::Alive;
    bool announced = false;

    friend bool operator==(const MemberChanged&, const MemberChanged&) = default;
};

auto fields(Is<MemberChanged> auto& v) {
    return std::tie(v.node, v.endpoint, v.incarnation, v.boot, v.before, v.after, v.announced);
}

// Something a person should read; the host logs it, rate-limited by kind and node.
enum class NoticeKind : std::uint8_t {
    DatagramsInBlocked,   // the peer hears us, we do not hear it
    DatagramsOutBlocked,  // the peer does not hear our datagrams, its stream answers
    TwinSeen,             // another process speaks with our identity
    SeedsSilent,          // no seed has answered for a while
    DatagramsFlow,        // of a peer with which one direction was blocked: both work again
};

struct Notice {
    NoticeKind kind = NoticeKind::SeedsSilent;
    NodeId node{};
    Endpoint endpoint{};

    friend bool operator==(const Notice&, const Notice&) = default;
};

auto fields(Is<Notice> auto& v) {
    return std::tie(v.kind, v.node, v.endpoint);
}

// This process must stop: a twin with our identity runs elsewhere and wins (architecture 4.1), or
// our LEFT has been told. Nothing is done after it.
struct MustStop {
    bool twin = false;
    Endpoint other{};

    friend bool operator==(const MustStop&, const MustStop&) = default;
};

auto fields(Is<MustStop> auto& v) {
    return std::tie(v.twin, v.other);
}

using Effect = std::variant<Send, SendStream, ResolveSeeds, ProbeStream, Persist, MemberChanged,
                            Notice, MustStop>;
using Effects = std::vector<Effect>;

}  // namespace shoal::membership
