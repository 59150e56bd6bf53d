// What the tests of volumes and of updates have in common: jobs with a volume, and a coordinator
// with two others to ask.
#pragma once

#include "tests/placement/lone_coordinator.h"
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace shoal::placement {

inline const VolumeId kData{"data", 0};
inline const std::vector<NodeId> kOthers{kAnn, kBob, kCarol};

inline JobSpec with_volume(JobSpec spec, bool shared = false) {
    spec.container.mounts.push_back({.source = "data", .target = "/data", .shared = shared});
    return spec;
}

inline std::vector<PublishVolume> told(const Effects& effects) {
    return all<PublishVolume>(effects);
}

inline bool stops(const Effects& effects, const ContainerId& id, StopReason why) {
    const auto all_stops = all<StopContainer>(effects);
    return std::any_of(all_stops.begin(), all_stops.end(), [&](const StopContainer& stop) {
        return stop.id == id && stop.reason == why;
    });
}

inline bool starts(const Effects& effects, const ContainerId& id) {
    const auto all_starts = all<StartContainer>(effects);
    return std::any_of(all_starts.begin(), all_starts.end(),
                       [&](const StartContainer& start) { return start.id == id; });
}

struct Pinning : testing::Test {
    Pinning() : name(name_with_rank(0, kOthers)) {
        (void)lone.meets(kAnn, "ann");
        (void)lone.meets(kBob, "bob");
    }

    JobSpec web(std::uint32_t replicas = 1, std::uint64_t template_gen = 1) {
        return with_volume(job(replicas, template_gen, name));
    }

    Effects all_bid(const Effects& asked) {
        Effects out;
        for (const NodeId& node : asked_of(asked)) {
            LoneCoordinator::append(out, lone.bids(node, asked, {node == kBob ? 10U : 20U, 30}));
        }
        return out;
    }

    std::string name;
    LoneCoordinator lone;
};

}  // namespace shoal::placement
