// The member "process" of a job as JSON (docs/api.md, "Jobs").
#pragma once

#include "node/base/result.h"
#include "placement/process.h"

#include <nlohmann/json.hpp>

namespace shoal::host {

// Malformed: says which member is wrong and what would be right. Whether the values make sense is
// for placement::validate to say.
[[nodiscard]] Result<void> read_process(const nlohmann::json& value, placement::ProcessWish& out);

// What differs from the default alone; an empty object for a wish of nothing.
[[nodiscard]] nlohmann::json to_json(const placement::ProcessWish& wish);

}  // namespace shoal::host
