// The words of the transport: what it is told, what it tells, and its limits.
#pragma once

#include "membership/types.h"
#include "node/base/bytes.h"
#include "node/base/endpoint.h"
#include "node/base/id.h"
#include "node/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host {

class Pipe;

// The protocol versions a node speaks. Two nodes talk if their ranges overlap.
struct ProtoRange {
    std::uint8_t min = 1;
    std::uint8_t max = 1;

    friend bool operator==(const ProtoRange&, const ProtoRange&) = default;
};

[[nodiscard]] constexpr bool overlap(ProtoRange a, ProtoRange b) {
    return a.min <= b.max && b.min <= a.max;
}

inline constexpr ProtoRange kProto{1, 1};

// Largest payload of one datagram; with its envelope 1200 bytes, which every path of the Internet
// carries whole.
inline constexpr std::size_t kDatagramBytes = 1200;
inline constexpr std::size_t kDatagramPayloadMax = 1102;
// Largest payload of one message on a stream: 1 MiB and room for the plane byte and its kin.
inline constexpr std::size_t kStreamPayloadMax = (1U << 20U) + 64;

// Why a member turned a connection away, in a byte on the wire.
enum class Reject : std::uint8_t {
    None = 0,
    WrongCluster = 1,
    WrongKey = 2,
    ProtoTooOld = 3,  // the caller's newest version is below our oldest
    ProtoTooNew = 4,  // the caller's oldest version is above our newest
    Busy = 5,
};

// What somebody who is no member of this cluster sent us.
enum class Stranger : std::uint8_t {
    Noise,         // bytes that are not this protocol, or damaged on the way
    WrongKey,      // this protocol, under a key that is not ours
    WrongCluster,  // a member of another cluster
    OtherProto,    // no protocol version in common
    Stalled,       // connected and did not finish its hello in time
};

[[nodiscard]] std::string to_string(Stranger kind);

// One sentence for the person whose node was turned away at `at`.
[[nodiscard]] std::string describe(Reject reason, const Endpoint& at, ProtoRange theirs);

struct TransportLimits {
    std::chrono::milliseconds hello_timeout{3000};    // from accept to the peer's introduction
    std::chrono::milliseconds connect_timeout{3000};  // from dial to the peer's introduction
    std::chrono::milliseconds probe_timeout{1000};
    std::chrono::milliseconds peer_timeout{10000};  // unacknowledged data: the kernel gives up
    std::chrono::milliseconds idle{300000};         // an own stream unused so long is closed
    std::chrono::milliseconds heard_for{2000};      // "heard your datagrams" looks back so far
    std::size_t queue_bytes = 8U << 20U;            // waiting for one peer; above: closed
    std::size_t incoming_max = 4096;
    std::size_t pending_max = 256;            // accepted, not introduced yet
    std::size_t pending_per_source_max = 32;  // of these from one address
    std::size_t senders_max = 16384;          // replay windows kept
};

struct TransportConfig {
    NodeId self{};
    ClusterId cluster{};
    std::uint64_t boot = 0;
    // Where to listen, for UDP and TCP alike. ip empty: every address. port 0: any free one.
    std::vector<Endpoint> bind{};
    ProtoRange proto = kProto;
    TransportLimits limits{};
};

// Called on the io_context's thread, never from inside a call to the transport. Empty ones are
// skipped.
struct TransportEvents {
    std::function<void(const NodeId& from, const Endpoint& source, Bytes payload)> on_datagram{};
    std::function<void(const NodeId& from, const Endpoint& source, Bytes payload)> on_stream{};
    // A stream with the peer ended without a goodbye, in either direction, or could not be opened;
    // what was queued on it is lost.
    std::function<void(const NodeId& peer)> on_stream_broken{};
    std::function<void(const membership::StreamProbed& answer)> on_probe{};
    // A member turned us away. Not rate-limited: one per connection we open.
    std::function<void(const Endpoint& at, Reject reason, ProtoRange theirs)> on_reject{};
    // Dialling `at` failed before anybody answered: a sentence for the log.
    std::function<void(const Endpoint& at, const std::string& why)> on_unreachable{};
    // A probe of an address alone was answered; `heard`: it receives our datagrams.
    std::function<void(const Endpoint& at, bool heard)> on_answered{};
    // The node at `at` is not the one we asked for.
    std::function<void(const Endpoint& at, const NodeId& wanted, const NodeId& found)>
        on_wrong_node{};
    // Not rate-limited: whoever logs it must.
    std::function<void(const Endpoint& source, Stranger kind)> on_stranger{};
    // A peer wants to talk to our local API. Without a handler relays are closed.
    std::function<void(const NodeId& from, std::shared_ptr<Pipe> pipe)> on_relay{};
};

struct TransportCounters {
    std::uint64_t datagrams_sent = 0;
    std::uint64_t datagram_bytes_sent = 0;
    std::uint64_t datagrams_received = 0;  // accepted ones
    std::uint64_t datagram_bytes_received = 0;
    std::uint64_t datagrams_unsent = 0;  // too large, or refused by the kernel
    std::uint64_t noise = 0;
    std::uint64_t wrong_key = 0;
    std::uint64_t other_proto = 0;
    std::uint64_t replayed = 0;
    std::uint64_t misaddressed = 0;  // for another node
    std::uint64_t streams_accepted = 0;
    std::uint64_t streams_turned_away = 0;  // over a limit, or rejected
    std::uint64_t streams_opened = 0;
    std::uint64_t streams_broken = 0;
    std::uint64_t streams_finished = 0;  // after goodbyes
    std::uint64_t stream_bytes_sent = 0;
    std::uint64_t stream_bytes_received = 0;
};

}  // namespace shoal::host
