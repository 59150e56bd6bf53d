// The market (architecture 4.3): the coordinator of a job asks, executors answer. Streams, small.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "placement/claim.h"
#include "placement/job.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace shoal::placement {

// Why a node does not take a slot. All that apply are given, each with its numbers.
enum class Filter : std::uint8_t {
    Cpu = 0,
    Memory = 1,
    Port = 2,
    Constraint = 3,
    PerNodeMax = 4,
    Draining = 5,
    NoRuntime = 6,
    NotSettled = 7,
    Unreachable = 8,  // the coordinator's view: not present
    NoAnswer = 9,     // asked, silent
    Backoff = 10,     // this node failed this template lately
    Disk = 11,        // its journal refused a promise lately, or a disk is nearly full
    Privilege = 12,   // asks for what this node allows nobody
    Volume = 13,      // another node holds what the slot needs
    Bind = 14,        // a folder of the host that containers may not mount
    Image = 15,       // its image is not here; only makes it dearer
};

[[nodiscard]] constexpr bool valid(Filter filter) {
    return filter <= Filter::Image;
}

[[nodiscard]] std::string_view to_string(Filter filter);

struct Reason {
    Filter filter = Filter::Cpu;
    std::uint64_t need = 0;
    std::uint64_t have = 0;
    std::string detail{};  // one sentence, numbers included
    friend bool operator==(const Reason&, const Reason&) = default;
};

auto fields(Is<Reason> auto& v) {
    return std::tie(v.filter, v.need, v.have, v.detail);
}

using Request = std::uint64_t;  // the asker's number, unique per its boot
using Ticket = std::uint64_t;   // the executor's number; dies after 5 s and with its boot

// A promise of the asked node that would be over before the new one starts.
struct Instead {
    std::uint32_t index = 0;
    Epoch epoch = 0;
    friend bool operator==(const Instead&, const Instead&) = default;
};

auto fields(Is<Instead> auto& v) {
    return std::tie(v.index, v.epoch);
}

struct BidRequest {
    Request request = 0;
    std::string job{};
    std::uint64_t template_gen = 0;
    std::uint32_t slots = 0;
    Resources need{};
    std::vector<PortWish> ports{};
    std::vector<Constraint> constraints{};
    std::uint32_t per_node_max = 0;
    bool privileged = false;
    std::optional<Instead> instead{};
    std::string image{};
    friend bool operator==(const BidRequest&, const BidRequest&) = default;
};

auto fields(Is<BidRequest> auto& v) {
    return std::tie(v.request, v.job, v.template_gen, v.slots, v.need, v.ports, v.constraints,
                    v.per_node_max, v.privileged, v.instead, v.image);
}

// prices[i] is asked for the (i+1)-th slot; non-decreasing; its length is how many it would take.
struct Bid {
    Request request = 0;
    Ticket ticket = 0;
    std::vector<std::uint32_t> prices{};
    bool lacks_image = false;  // which is in the prices
    friend bool operator==(const Bid&, const Bid&) = default;
};

auto fields(Is<Bid> auto& v) {
    return std::tie(v.request, v.ticket, v.prices, v.lacks_image);
}

struct NoBid {
    Request request = 0;
    std::vector<Reason> reasons{};
    friend bool operator==(const NoBid&, const NoBid&) = default;
};

auto fields(Is<NoBid> auto& v) {
    return std::tie(v.request, v.reasons);
}

struct AwardedSlot {
    std::uint32_t index = 0;
    Epoch epoch = 0;
    std::optional<Replaces> replaces{};
    bool stop_first = false;  // what it replaces is of the same node, and has to be over before
    friend bool operator==(const AwardedSlot&, const AwardedSlot&) = default;
};

auto fields(Is<AwardedSlot> auto& v) {
    return std::tie(v.index, v.epoch, v.replaces, v.stop_first);
}

// One per winner and round. Idempotent on (job, slot, epoch); resent until answered.
struct Award {
    Request request = 0;
    Ticket ticket = 0;
    JobSpec spec{};
    std::vector<AwardedSlot> slots{};
    friend bool operator==(const Award&, const Award&) = default;
};

auto fields(Is<Award> auto& v) {
    return std::tie(v.request, v.ticket, v.spec, v.slots);
}

enum class Refusal : std::uint8_t {
    NoCapacity = 0,
    LowerEpoch = 1,  // highest_epoch says what must be exceeded
    StaleSpec = 2,   // template_gen says what is known here
    Expired = 3,     // no such ticket (any more)
    Draining = 4,
    Taken = 5,    // a live claim of the slot is in my view and the award does not replace it
    Deleted = 6,  // the job's tombstone is known here
    Disk = 7,     // the ledger could not be written
    Privilege = 8,
    Volume = 9,  // another node holds a volume of the slot
    Bind = 10,   // no container may mount that folder here
};

[[nodiscard]] constexpr bool valid(Refusal refusal) {
    return refusal <= Refusal::Bind;
}

[[nodiscard]] std::string_view to_string(Refusal refusal);

struct AcceptedSlot {
    std::uint32_t index = 0;
    Epoch epoch = 0;
    std::uint64_t token = 0;
    friend bool operator==(const AcceptedSlot&, const AcceptedSlot&) = default;
};

auto fields(Is<AcceptedSlot> auto& v) {
    return std::tie(v.index, v.epoch, v.token);
}

struct RefusedSlot {
    std::uint32_t index = 0;
    Epoch epoch = 0;
    Refusal why = Refusal::NoCapacity;
    Epoch highest_epoch = 0;
    std::uint64_t template_gen = 0;
    std::string detail{};
    friend bool operator==(const RefusedSlot&, const RefusedSlot&) = default;
};

auto fields(Is<RefusedSlot> auto& v) {
    return std::tie(v.index, v.epoch, v.why, v.highest_epoch, v.template_gen, v.detail);
}

// Sent after the ledger is synced.
struct Awarded {
    Request request = 0;
    std::string job{};
    std::vector<AcceptedSlot> accepted{};
    std::vector<RefusedSlot> refused{};
    friend bool operator==(const Awarded&, const Awarded&) = default;
};

auto fields(Is<Awarded> auto& v) {
    return std::tie(v.request, v.job, v.accepted, v.refused);
}

// A lower rank asks a higher one whether it looks after the job.
struct StatusRequest {
    Request request = 0;
    std::string job{};
    friend bool operator==(const StatusRequest&, const StatusRequest&) = default;
};

auto fields(Is<StatusRequest> auto& v) {
    return std::tie(v.request, v.job);
}

struct Status {
    Request request = 0;
    std::string job{};
    bool settled = false;  // false counts as no answer
    friend bool operator==(const Status&, const Status&) = default;
};

auto fields(Is<Status> auto& v) {
    return std::tie(v.request, v.job, v.settled);
}

using Message = std::variant<BidRequest, Bid, NoBid, Award, Awarded, StatusRequest, Status>;

}  // namespace shoal::placement
