// Durations as people type and read them: "500ms", "3s", "2m", "1h".
#pragma once

#include "node/base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace shoal::cli {

// A whole or decimal number and a unit (ms, s, m, h, d); more than nothing, at most 365 days.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// One unit, rounded down, as a column of ages wants it: "350ms", "12s", "3m", "5h", "2d".
[[nodiscard]] std::string short_age(std::chrono::milliseconds age);

}  // namespace shoal::cli
