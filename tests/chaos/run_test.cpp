// A run is its options and its seed, and nothing else.
#include "chaos/run.h"

#include <gtest/gtest.h>

namespace shoal::chaos {
namespace {

using std::chrono::seconds;

RunOptions small(std::uint64_t seed) {
    return {.nodes = 4, .seed = seed, .faults_for = seconds{15}};
}

TEST(Run, OneSeedIsOneTrace) {
    const auto first = run(small(7));
    const auto again = run(small(7));
    EXPECT_EQ(first.trace, again.trace);
    EXPECT_EQ(first.counters.steps, again.counters.steps);
    EXPECT_EQ(first.simulated, again.simulated);
}

TEST(Run, AnotherSeedIsAnotherTrace) {
    EXPECT_NE(run(small(7)).trace, run(small(8)).trace);
}

TEST(Run, TheCodecChangesNothing) {
    auto bare = small(3);
    bare.wire = false;
    EXPECT_EQ(run(small(3)).trace, run(bare).trace);
}

TEST(Run, WhatNodesWriteFirstIsAcknowledged) {
    auto options = small(2);
    options.records = 5;
    const auto result = run(options);
    EXPECT_FALSE(result.violation);
    EXPECT_GE(result.counters.writes_acked, 20U);
}

}  // namespace
}  // namespace shoal::chaos
