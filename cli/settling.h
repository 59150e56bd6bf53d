// Have the jobs become what was asked for, and if not yet, what is in the way? Fed with what the
// API says of them, whenever somebody has asked; asks and shows nothing itself.
//
// All replicas healthy is not enough: what crashes after a second was healthy for that second. Only
// when nothing changed for a while (kSteady) are they settled.
#pragma once

#include "cli/json.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shoal::cli {

struct Awaited {
    std::string name{};
    std::uint64_t generation = 0;  // what was written; an older view says nothing yet
};

class Settling {
public:
    static constexpr std::chrono::milliseconds kSteady{5'000};
    static constexpr std::chrono::milliseconds kGivenUp{2'000};  // a failed slot nobody takes over
    static constexpr std::uint64_t kCrashesMax = 5;  // as many as a node takes before it gives up

    enum class Stage : std::uint8_t {
        Going,    // something is pending, starting, unhealthy
        Steady,   // all healthy, not yet for long
        Settled,  // and for long enough
        Crashing,
    };

    explicit Settling(std::vector<Awaited> awaited) : awaited_(std::move(awaited)) {}

    // One job each, in the order awaited; null for one this node does not know yet.
    void observe(std::chrono::milliseconds now, const std::vector<Json>& jobs);

    [[nodiscard]] Stage stage() const { return stage_; }

    // Since when some slot has no node; nothing while every one has.
    [[nodiscard]] std::optional<std::chrono::milliseconds> pending_since() const;

    // The first that crashes, as "web.0".
    [[nodiscard]] const std::string& crashing() const { return crashing_; }

private:
    struct Slot {
        std::string state{};
        std::chrono::milliseconds since{};
        std::uint64_t epoch = 0;
        std::uint64_t restarts = 0;  // in this epoch
        std::uint64_t crashes = 0;   // since we look
    };

    // False: it differs from the last time.
    bool note(std::chrono::milliseconds now, const std::string& name, const Json& slot);
    [[nodiscard]] bool crashes(std::chrono::milliseconds now, const Slot& slot) const;

    std::vector<Awaited> awaited_;
    std::map<std::string, Slot> slots_{};  // by "web.0"
    std::optional<std::chrono::milliseconds> steady_since_{};
    Stage stage_ = Stage::Going;
    std::string crashing_{};
};

// "web.0", or "logs@b"
[[nodiscard]] std::string slot_name(const std::string& job, const Json& slot);

// One replica on each node, instead of a number of them.
[[nodiscard]] bool is_global(const Json& job);

// Healthy, or done with what it was for.
[[nodiscard]] bool is_well(const Json& slot);

}  // namespace shoal::cli
