// What is fit and what is not on a machine that shall run shoal, each with what to do about it.
#pragma once

#include "cli/failure.h"
#include "cli/json.h"
#include "cli/machine.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::cli {

struct Check {
    enum class State : std::uint8_t { Ok, Warning, Failed };

    std::string name{};
    State state = State::Ok;
    std::string finding{};
    std::string fix{};  // a line to type or a thing to do; empty where nothing is needed
};

[[nodiscard]] std::string_view to_string(Check::State state);

struct Patient {
    MachineQuestion question{};
    MachineFacts facts{};
    Json status{};                     // of the agent; null: it did not answer
    std::optional<Failure> silence{};  // why
};

// Always the same, in the same order.
[[nodiscard]] std::vector<Check> checks_of(const Patient& patient);

}  // namespace shoal::cli
