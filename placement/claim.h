// What runs: the executor's own word about one slot, kept in its origin log under
// "alloc/<job>/<slot index>/<epoch>" for everybody to read.
#pragma once

#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/result.h"
#include "node/base/time.h"
#include "placement/health.h"
#include "placement/job.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace shoal::placement {

using Epoch = std::uint64_t;

// Nothing is replaced this often; what claims to be above would leave no epoch for those to come.
inline constexpr Epoch kEpochMax = Epoch{1} << 62U;

struct SlotId {
    std::string job{};
    std::uint32_t index = 0;
    friend auto operator<=>(const SlotId&, const SlotId&) = default;
};

auto fields(Is<SlotId> auto& v) {
    return std::tie(v.job, v.index);
}

// The slot of a global job that this node alone may have (slots.h). Ids are hashes, so two nodes of
// one cluster have one number about never; if they do, one of them goes without.
[[nodiscard]] constexpr std::uint32_t slot_of(const NodeId& node) {
    constexpr std::uint64_t kNumbers = (std::uint64_t{1} << 32U) - kReplicasMax;
    return kReplicasMax + static_cast<std::uint32_t>(node.low % kNumbers);
}

enum class ReplaceKind : std::uint8_t { Moved = 0, PresumedLost = 1 };

[[nodiscard]] constexpr bool valid(ReplaceKind kind) {
    return kind <= ReplaceKind::PresumedLost;
}

struct Replaces {
    NodeId node{};
    Epoch epoch = 0;
    ReplaceKind kind = ReplaceKind::Moved;
    friend bool operator==(const Replaces&, const Replaces&) = default;
};

auto fields(Is<Replaces> auto& v) {
    return std::tie(v.node, v.epoch, v.kind);
}

// The lifecycle of architecture 5.2 as far as an executor lives it.
enum class ClaimState : std::uint8_t {
    Awarded = 0,    // in the ledger, synced
    Pulling = 1,    // its image comes from another node
    Starting = 2,   // the runtime was asked, or it runs and its check has not passed yet
    Healthy = 3,    // runs (and passes its check, where it has one)
    Unhealthy = 4,  // runs, and its check fails
    Backoff = 5,    // exited, or was stopped as unhealthy; will be started again
    Draining = 6,   // stops, for a reason given
    Stopped = 7,
    Failed = 8,  // gave up; the slot goes back to the coordinator
    Complete = 9,
    Lost = 10,  // found without its container, and somebody else runs the slot
};

[[nodiscard]] constexpr bool valid(ClaimState state) {
    return state <= ClaimState::Lost;
}

[[nodiscard]] std::string_view to_string(ClaimState state);

// Awarded to unhealthy, back-off included: holds its slot and its capacity.
[[nodiscard]] constexpr bool is_live(ClaimState state) {
    return state <= ClaimState::Backoff;
}

// A port of a replica and the port of its node that leads there, for the other nodes.
struct ServedPort {
    PlainPort port{};
    std::uint16_t host_port = 0;
    friend auto operator<=>(const ServedPort&, const ServedPort&) = default;
};

auto fields(Is<ServedPort> auto& v) {
    return std::tie(v.port, v.host_port);
}

struct Claim {
    SlotId slot{};
    Epoch epoch = 0;
    std::uint64_t template_gen = 0;
    std::uint64_t template_hash = 0;
    std::optional<Replaces> replaces{};
    ClaimState state = ClaimState::Awarded;
    WallTime since{};
    std::uint64_t token = 0;
    Resources need{};
    std::vector<std::uint16_t> host_ports{};  // one per published PortWish, in its order
    std::uint32_t restarts = 0;
    std::int32_t exit_code = 0;
    std::string detail{};              // why it is in this state, for a person
    std::vector<ServedPort> serves{};  // of jobs with siblings: what those on other nodes reach
    Health health = Health::None;
    std::uint32_t check_failures = 0;  // in a row, that counted
    std::string check_output{};        // what the last one said
    friend bool operator==(const Claim&, const Claim&) = default;
};

auto fields(Is<Claim> auto& v) {
    return std::tie(v.slot, v.epoch, v.template_gen, v.template_hash, v.replaces, v.state, v.since,
                    v.token, v.need, v.host_ports, v.restarts, v.exit_code, v.detail, v.serves,
                    v.health, v.check_failures, v.check_output);
}

[[nodiscard]] std::string claim_key(const SlotId& slot, Epoch epoch);

struct ClaimKey {
    SlotId slot{};
    Epoch epoch = 0;
};

[[nodiscard]] std::optional<ClaimKey> parse_claim_key(std::string_view key);
[[nodiscard]] Bytes encode_claim(const Claim& claim);
[[nodiscard]] Result<Claim> decode_claim(ByteView bytes);

// "web.2": a slot as people write it.
[[nodiscard]] std::string to_string(const SlotId& slot);

// A claim and the node that made it.
struct Held {
    NodeId node{};
    Claim claim{};
    friend bool operator==(const Held&, const Held&) = default;
};

// Which of the claims of one slot counts (architecture 4.3, "Which claim wins"): drop every claim a
// healthy one has replaced as moved, directly or through others; among the remaining healthy ones
// the maximum of (template_gen, epoch lower first for Oldest, hash). Nothing if none is healthy.
// A pure function of the claims: every node comes to the same answer.
[[nodiscard]] std::optional<Held> winner(const std::vector<Held>& claims, Reconcile policy);

}  // namespace shoal::placement
