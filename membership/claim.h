// What is said about a node, and which of two sayings counts.
//
// The order everything hangs on (architecture 4.1): a higher incarnation beats any lower one;
// within an incarnation ALIVE < SUSPECT < AGENT_DOWN < DEAD < LEFT; equal ones are settled by
// (boot, endpoint) so that merging is a join. Only the node itself raises its incarnation.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/id.h"

#include <cstdint>
#include <tuple>

namespace shoal::membership {

enum class Health : std::uint8_t { Alive = 0, Suspect = 1, AgentDown = 2, Dead = 3, Left = 4 };

[[nodiscard]] constexpr bool valid(Health health) {
    return health <= Health::Left;
}

using Incarnation = std::uint64_t;
using BootNonce = std::uint64_t;  // drawn once per process start; tells two twins apart

struct Claim {
    NodeId about{};
    Incarnation incarnation = 0;
    Health health = Health::Alive;
    BootNonce boot = 0;
    Endpoint endpoint{};

    friend bool operator==(const Claim&, const Claim&) = default;
};

auto fields(Is<Claim> auto& claim) {
    return std::tie(claim.about, claim.incarnation, claim.health, claim.boot, claim.endpoint);
}

// True if `challenger` replaces `known`. Both are about the same node.
[[nodiscard]] bool outranks(const Claim& challenger, const Claim& known);

}  // namespace shoal::membership
