// What a fake node says of a job while time goes by: one picture after the other, the last for
// ever.
#pragma once

#include "tests/cli/fake_node.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::cli {

struct SlotNow {
    std::string state{};
    std::string node = "a";
    int epoch = 1;
    int restarts = 0;
    std::string detail{};
};

inline nlohmann::ordered_json job_now(const std::string& name, const std::vector<SlotNow>& slots,
                                      int generation = 3) {
    nlohmann::ordered_json job = {{"name", name},
                                  {"replicas", slots.size()},
                                  {"generation", generation},
                                  {"healthy", 0},
                                  {"slots", nlohmann::ordered_json::array()}};
    for (const auto& slot : slots) {
        const bool placed = slot.state != "pending";
        job["slots"].push_back({{"index", job["slots"].size()},
                                {"state", slot.state},
                                {"node", placed ? slot.node : ""},
                                {"epoch", placed ? slot.epoch : 0},
                                {"restarts", slot.restarts},
                                {"since", "2026-01-31T09:59:50.000Z"},
                                {"detail", slot.detail},
                                {"ports", nlohmann::ordered_json::array({8080})}});
        if (slot.state == "healthy") job["healthy"] = job["healthy"].get<int>() + 1;
    }
    return nlohmann::ordered_json::parse(job.dump());  // numbers without a sign, as they arrive
}

inline void job_becomes(FakeNode& node, const std::string& name, const std::vector<SlotNow>& slots,
                        int generation = 3) {
    node.answers("GET /v1/jobs/" + name, job_now(name, slots, generation).dump());
}

}  // namespace shoal::cli
