// The members `mounts` and `files` of a job (docs/api.md, "Jobs").
#pragma once

#include "node/base/result.h"
#include "placement/job.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace shoal::host {

[[nodiscard]] Result<void> read_mounts(const nlohmann::json& value,
                                       std::vector<placement::Mount>& out);

[[nodiscard]] Result<void> read_files(const nlohmann::json& value,
                                      std::vector<placement::File>& out);

[[nodiscard]] nlohmann::json to_json(const std::vector<placement::Mount>& mounts);

// A file by its size and digest: what is in it is shown to nobody.
[[nodiscard]] nlohmann::json to_json(const std::vector<placement::File>& files);

}  // namespace shoal::host
