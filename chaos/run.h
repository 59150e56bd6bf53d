// One seed from boot to verdict: a safety phase in which anything may break, then a healed one in
// which everything must come right within stated times.
#pragma once

#include "chaos/cluster.h"
#include "chaos/oracles.h"

#include <cstdint>
#include <optional>
#include <string>

namespace shoal::chaos {

struct RunOptions {
    std::uint32_t nodes = 100;
    std::uint64_t seed = 1;
    std::uint32_t records = 0;  // what each node writes before anything breaks
    Duration faults_for = std::chrono::seconds{40};
    bool wire = true;
    bool hostile = false;
    bool hash = true;
    bool narrate = false;
    Duration cadence = std::chrono::milliseconds{500};  // of whole-cluster predicates
};

// How long after healing each must hold (protocol D.3). L3 includes the delays of architecture 4.1
// and the 5 s a duplicate lingers.
struct LivenessLimits {
    Duration l1 = std::chrono::seconds{10};
    // On top of l1 where a host was lost for good: found silent by somebody who may himself have
    // been cut off until now, and has to trust his own ears again first (Lifeguard).
    Duration find_lost = std::chrono::seconds{10};
    Duration l2 = std::chrono::seconds{15};
    Duration l3 = std::chrono::seconds{45};
    Duration l4 = std::chrono::seconds{45};
};

struct RunResult {
    std::optional<Violation> violation{};
    Counters counters{};
    std::uint64_t trace = 0;
    Duration simulated{};
    Duration l1{}, l2{}, l3{};  // after healing
};

[[nodiscard]] RunResult run(const RunOptions& options);

}  // namespace shoal::chaos
