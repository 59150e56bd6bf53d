// Where the output of containers is: <root>/<job>/<slot>-<epoch>/{stdout,stderr}, and beside each
// what is kept of it (log_stream.h).
//
// A job's name may have parts, "project/web", and another job may be called "project/web/0-1": its
// folder is then inside a container's. So only files of known names are a container's, and nothing
// is ever removed as a tree.
#pragma once

#include "placement/types.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::host::logs {

inline constexpr std::array<const char*, 2> kStreams = {"stdout", "stderr"};

// With a '/' at the end.
[[nodiscard]] std::string folder_of(const std::string& root, const placement::ContainerId& id);

// "2-17" -> slot 2, epoch 17 of `job`.
[[nodiscard]] std::optional<placement::ContainerId> parse_folder(const std::string& job,
                                                                 std::string_view name);

// Those that have left a file, in order. `job` is a valid name.
[[nodiscard]] std::vector<placement::ContainerId> containers_of(const std::string& root,
                                                                const std::string& job);

// The same of every job. Folders that are not of this form are passed over.
[[nodiscard]] std::vector<placement::ContainerId> all_containers(const std::string& root);

// When its last output came, ms since 1970; 0 if there are no files.
[[nodiscard]] std::int64_t last_written(const std::string& root, const placement::ContainerId& id);

// Its files, its folder, and the folder of a job that has had nothing else for an hour.
void remove_container(const std::string& root, const placement::ContainerId& id,
                      std::int64_t now_ms);

}  // namespace shoal::host::logs
