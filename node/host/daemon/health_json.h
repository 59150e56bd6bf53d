// The members "health" and "after" of a job as JSON (docs/api.md, "Jobs").
#pragma once

#include "node/base/result.h"
#include "placement/job.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace shoal::host {

// Malformed: says which member is wrong and what would be right. Whether the values make sense is
// for placement::validate to say.
[[nodiscard]] Result<void> read_health(const nlohmann::json& value, placement::HealthCheck& out);
[[nodiscard]] Result<void> read_after(const nlohmann::json& value,
                                      std::vector<placement::After>& out);

// What is said alone; an empty object for a check that is left to the image.
[[nodiscard]] nlohmann::json to_json(const placement::HealthCheck& check);
[[nodiscard]] nlohmann::json to_json(const std::vector<placement::After>& after);

// How a replica is by its check, as the slots of a job tell it.
[[nodiscard]] const char* to_word(placement::Health health);

}  // namespace shoal::host
