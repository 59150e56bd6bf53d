// What is said about a node, and which of two sayings counts.
//
// The order everything hangs on (architecture 4.1): a higher incarnation beats any lower one;
// within an incarnation ALIVE < SUSPECT < AGENT_DOWN < DEAD < LEFT; equal ones are settled by
// (boot, endpoint) so that merging is a join. Only the node itself raises its incarnation.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/id.h"

#include <cstddef>
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

// Nobody restarts this often; a claim above it is nonsense and would leave no room to refute.
inline constexpr Incarnation kIncarnationMax = Incarnation{1} << 62U;
inline constexpr std::size_t kIpBytesMax = 45;  // the longest IPv6 address as text

// May be believed of another at all. A death is certified by witnesses or not at all, and there are
// none yet: this is where their signatures will be checked.
[[nodiscard]] bool admissible(const Claim& claim);

// True if `challenger` replaces `known`. Both are about the same node.
[[nodiscard]] bool outranks(const Claim& challenger, const Claim& known);

}  // namespace shoal::membership
