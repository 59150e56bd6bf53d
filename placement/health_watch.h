// When to ask a running replica whether it is well, and what its answers amount to.
//
// One question at a time. Until the first good answer questions come more often, and bad answers to
// those asked within the start period, or within the first interval, do not count: a program that
// is slow to start is not unwell before it would be to Docker, and well as soon as it says so.
// An answer that could not be had (the runtime was away) says nothing.
#pragma once

#include "node/base/time.h"
#include "placement/health.h"

#include <cstdint>
#include <string>

namespace shoal::placement {

enum class CheckOutcome : std::uint8_t {
    Passed = 0,
    Failed = 1,   // also: took too long, or is no program
    Unknown = 2,  // could not be asked
};

[[nodiscard]] constexpr bool valid(CheckOutcome outcome) {
    return outcome <= CheckOutcome::Unknown;
}

class HealthWatch {
public:
    // It runs from now on. `check` is resolved. `was_well`: that is known from before.
    void begin(Instant now, const HealthCheck& check, bool was_well);
    // Asks no more, whatever becomes of it.
    void rest();
    // It runs no more; what it said last stays.
    void end();

    [[nodiscard]] bool active() const { return health_ != Health::None; }

    [[nodiscard]] Health health() const { return health_; }

    [[nodiscard]] const HealthCheck& check() const { return check_; }

    // When the next question is due, or an answer overdue.
    [[nodiscard]] Instant due() const { return due_; }

    // What is due becomes a question called `number`; false: nothing is to be asked now.
    [[nodiscard]] bool ask(Instant now, std::uint64_t number);

    // False: this is no answer to what is asked now, and changes nothing.
    bool answer(Instant now, std::uint64_t number, CheckOutcome outcome, const std::string& output);

    // Bad answers in a row that counted.
    [[nodiscard]] std::uint32_t failures() const { return failures_; }

    // What the last check that could be run said.
    [[nodiscard]] const std::string& output() const { return output_; }

private:
    void failed();
    [[nodiscard]] Duration pause(Instant now) const;

    HealthCheck check_{};
    Health health_ = Health::None;
    Instant since_{};
    Instant asked_at_{};
    Instant due_ = kNever;
    std::uint64_t asked_ = 0;  // the number of the open question; 0: none
    std::uint32_t failures_ = 0;
    std::string output_{};
};

}  // namespace shoal::placement
