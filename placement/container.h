// Containers: how they are named, what the runtime is asked to do with one and what it reports.
#pragma once

#include "node/base/fields.h"
#include "placement/claim.h"
#include "placement/health_watch.h"
#include "placement/job.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace shoal::placement {

// Unique per node and for ever: names (job, slot, epoch) in the label set of the container.
struct ContainerId {
    SlotId slot{};
    Epoch epoch = 0;
    friend auto operator<=>(const ContainerId&, const ContainerId&) = default;
};

auto fields(Is<ContainerId> auto& v) {
    return std::tie(v.slot, v.epoch);
}

enum class ContainerState : std::uint8_t {
    Running = 0,
    Exited = 1,       // with exit_code
    StartFailed = 2,  // never ran; detail says why
    Gone = 3,         // the runtime knows no such container (answer to Stop or Start-adopt)
    Pulling = 4,      // not yet; its image is on its way
};

[[nodiscard]] constexpr bool valid(ContainerState state) {
    return state <= ContainerState::Pulling;
}

struct ContainerReport {
    ContainerId id{};
    ContainerState state = ContainerState::Running;
    std::int32_t exit_code = 0;
    std::string detail{};
    HealthCheck image_check{};  // of a running one: what its image says, Kind::Image for nothing
    friend bool operator==(const ContainerReport&, const ContainerReport&) = default;
};

auto fields(Is<ContainerReport> auto& v) {
    return std::tie(v.id, v.state, v.exit_code, v.detail, v.image_check);
}

// The answer to one CheckContainer.
struct CheckReport {
    ContainerId id{};
    std::uint64_t number = 0;
    CheckOutcome outcome = CheckOutcome::Unknown;
    std::string output{};  // at most kCheckOutputMax bytes of text
    friend bool operator==(const CheckReport&, const CheckReport&) = default;
};

auto fields(Is<CheckReport> auto& v) {
    return std::tie(v.id, v.number, v.outcome, v.output);
}

// ---- what the runtime is asked

struct StartContainer {
    ContainerId id{};
    Template container{};
    std::vector<std::uint16_t> host_ports{};
    friend bool operator==(const StartContainer&, const StartContainer&) = default;
};

auto fields(Is<StartContainer> auto& v) {
    return std::tie(v.id, v.container, v.host_ports);
}

// The positive evidence a container is stopped on (architecture 5.4). There is no other reason.
enum class StopReason : std::uint8_t {
    JobDeleted = 0,
    ScaledDown = 1,
    Superseded = 2,  // a newer template's claim of the slot is healthy
    LostToWinner = 3,
    Draining = 4,
    ConstraintBroken = 5,
    NoLedgerEntry = 6,  // in our namespace, without complete labels
    Replaced = 7,       // its replacement waits here for what both need
    Unhealthy = 8,      // its check fails; it is started again
};

[[nodiscard]] constexpr bool valid(StopReason reason) {
    return reason <= StopReason::Unhealthy;
}

[[nodiscard]] std::string_view to_string(StopReason reason);

// Stop, then remove. Answered with ContainerReport Exited or Gone. Idempotent.
struct StopContainer {
    ContainerId id{};
    StopReason reason = StopReason::JobDeleted;
    std::uint32_t grace_ms = 10'000;
    friend bool operator==(const StopContainer&, const StopContainer&) = default;
};

auto fields(Is<StopContainer> auto& v) {
    return std::tie(v.id, v.reason, v.grace_ms);
}

// Run its check once, beside it; answered with a CheckReport of the same number, whenever that is.
struct CheckContainer {
    ContainerId id{};
    std::uint64_t number = 0;
    HealthCheck check{};  // resolved
    friend bool operator==(const CheckContainer&, const CheckContainer&) = default;
};

auto fields(Is<CheckContainer> auto& v) {
    return std::tie(v.id, v.number, v.check);
}

}  // namespace shoal::placement
