// The jobs, nodes and numbers the placement tests speak of.
#pragma once

#include "placement/types.h"
#include "tests/support/effects.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace shoal::placement {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using tests::all;
using tests::has;

inline constexpr NodeId kSelf{0, 100};
inline constexpr NodeId kAnn{0, 1};
inline constexpr NodeId kBob{0, 2};
inline constexpr NodeId kCarol{0, 3};
inline constexpr Instant kMorning{std::chrono::hours{1}};
inline constexpr std::uint64_t kGiB = 1ULL << 30U;

inline NodeFacts facts_of(const std::string& name, Resources capacity = {4000, 4 * kGiB}) {
    return {.name = name, .zone = "z1", .capacity = capacity, .runtime = true};
}

// One core and one GiB a replica.
inline JobSpec job(std::uint32_t replicas = 1, std::uint64_t template_gen = 1,
                   const std::string& name = "web") {
    JobSpec out{.name = name, .replicas = replicas, .template_gen = template_gen};
    out.container.image = "img:" + std::to_string(template_gen);
    out.container.need = {1000, kGiB};
    return out;
}

inline BidRequest request_for(const JobSpec& spec, std::uint32_t slots = 1) {
    return {.request = 1,
            .job = spec.name,
            .template_gen = spec.template_gen,
            .slots = slots,
            .need = spec.container.need,
            .ports = spec.container.ports,
            .constraints = spec.constraints,
            .per_node_max = spec.per_node_max,
            .privileged = needs_privilege(spec.container.process),
            .image = spec.container.image};
}

inline Claim claim_of(const JobSpec& spec, std::uint32_t index, Epoch epoch,
                      ClaimState state = ClaimState::Healthy) {
    return {.slot = {spec.name, index},
            .epoch = epoch,
            .template_gen = spec.template_gen,
            .template_hash = template_hash(spec.container),
            .state = state};
}

template <class Kind>
std::vector<Kind> sent(const Effects& effects) {
    return tests::messages<Kind, Send>(effects);
}

// The last claim said of a slot and epoch, if any was said.
inline const PublishClaim* last_said(const Effects& effects, const ContainerId& id) {
    const PublishClaim* out = nullptr;
    for (const auto& effect : effects) {
        const auto* said = std::get_if<PublishClaim>(&effect);
        if (said != nullptr && said->slot == id.slot && said->epoch == id.epoch) out = said;
    }
    return out;
}

}  // namespace shoal::placement
