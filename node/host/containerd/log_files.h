// Where a container's output goes: <data>/logs/<job>/<slot>-<epoch>/{stdout,stderr}.
//
// The shim appends to files that exist and never opens them again: a file may be truncated, never
// renamed.
#pragma once

#include "node/base/result.h"
#include "placement/types.h"

#include <string>

namespace shoal::host::ctrd {

struct LogFiles {
    std::string out{};
    std::string err{};
};

[[nodiscard]] LogFiles log_files(const std::string& root, const placement::ContainerId& id);

// Makes what is missing, readable by the agent's user alone; keeps what is there.
[[nodiscard]] Result<void> make_log_files(const LogFiles& files);

}  // namespace shoal::host::ctrd
