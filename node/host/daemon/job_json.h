// Jobs as JSON (docs/api.md, "Jobs").
#pragma once

#include "node/base/result.h"
#include "placement/job.h"

#include <nlohmann/json.hpp>

namespace shoal::host {

// Malformed or TooLarge: says which member is wrong and what would be right.
[[nodiscard]] Result<placement::JobSpec> parse_job(const nlohmann::json& job);

[[nodiscard]] nlohmann::json to_json(const placement::JobSpec& spec);

[[nodiscard]] nlohmann::json to_json(const placement::Resources& resources);

}  // namespace shoal::host
