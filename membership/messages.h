// What membership nodes say to one another. Everything but the tables fits one datagram.
#pragma once

#include "membership/claim.h"
#include "node/base/fields.h"
#include "node/base/id.h"

#include <cstdint>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::membership {

using Sequence = std::uint32_t;
using Claims = std::vector<Claim>;

// A datagram's payload budget, envelope and encryption excluded (protocol G.1).
inline constexpr std::size_t kDatagramBytesMax = 1100;

struct Ping {
    Sequence sequence = 0;
    std::uint64_t table = 0;  // fingerprint of the sender's member table
    Claims news{};
    friend bool operator==(const Ping&, const Ping&) = default;
};

auto fields(Is<Ping> auto& v) {
    return std::tie(v.sequence, v.table, v.news);
}

struct PingFor {  // "Ping `target` for me, and pass its answer on."
    NodeId target{};
    Sequence sequence = 0;
    Endpoint endpoint{};  // where, for a relay that does not know it
    friend bool operator==(const PingFor&, const PingFor&) = default;
};

auto fields(Is<PingFor> auto& v) {
    return std::tie(v.target, v.sequence, v.endpoint);
}

struct Ack {  // `of` answered; it is not the sender when the answer was passed on.
    NodeId of{};
    Sequence sequence = 0;
    std::uint64_t table = 0;
    Claims news{};
    friend bool operator==(const Ack&, const Ack&) = default;
};

auto fields(Is<Ack> auto& v) {
    return std::tie(v.of, v.sequence, v.table, v.news);
}

struct Nack {  // The relay is alive, the target did not answer it (Lifeguard, section IV-A).
    NodeId target{};
    Sequence sequence = 0;
    friend bool operator==(const Nack&, const Nack&) = default;
};

auto fields(Is<Nack> auto& v) {
    return std::tie(v.target, v.sequence);
}

struct Gossip {  // News alone, when there is more than probes can carry.
    Claims news{};
    friend bool operator==(const Gossip&, const Gossip&) = default;
};

auto fields(Is<Gossip> auto& v) {
    return std::tie(v.news);
}

struct Join {  // To a seed: "here I am; tell me who is with you."
    Claim self{};
    friend bool operator==(const Join&, const Join&) = default;
};

auto fields(Is<Join> auto& v) {
    return std::tie(v.self);
}

struct Welcome {  // The answer: who I am, and as many others as fit.
    Claims members{};
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

auto fields(Is<Welcome> auto& v) {
    return std::tie(v.members);
}

struct TableRequest {  // Stream. "Our fingerprints differ: here is mine, send me yours."
    Claims members{};
    friend bool operator==(const TableRequest&, const TableRequest&) = default;
};

auto fields(Is<TableRequest> auto& v) {
    return std::tie(v.members);
}

struct MemberTable {  // Stream. What the asker lacked.
    Claims members{};
    friend bool operator==(const MemberTable&, const MemberTable&) = default;
};

auto fields(Is<MemberTable> auto& v) {
    return std::tie(v.members);
}

struct Restart {  // "I stop now and will be back."
    Incarnation incarnation = 0;
    friend bool operator==(const Restart&, const Restart&) = default;
};

auto fields(Is<Restart> auto& v) {
    return std::tie(v.incarnation);
}

using Message = std::variant<Ping, PingFor, Ack, Nack, Gossip, Join, Welcome, TableRequest,
                             MemberTable, Restart>;

}  // namespace shoal::membership
