// A service's `healthcheck`, in the words of the job it becomes (docs/api.md, "Jobs").
#pragma once

#include "node/compose/json.h"
#include "node/compose/reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::compose {

struct Health {
    std::vector<std::string> test{};  // its first word says what the others are; none: the image's
    std::uint32_t interval_ms = 0;    // 0, here and below: the image's, or the default
    std::uint32_t timeout_ms = 0;
    std::uint32_t retries = 0;
    std::uint32_t start_period_ms = 0;
    std::uint32_t start_interval_ms = 0;
    friend bool operator==(const Health&, const Health&) = default;
};

Health read_health(const Value& value, Problems& problems);

// As the API has it: what is said alone.
[[nodiscard]] Json to_json(const Health& health);

}  // namespace shoal::compose
