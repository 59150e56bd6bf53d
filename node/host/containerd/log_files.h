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

// What containerd is told of them: to hand the output to `writer`, or to append to them itself.
[[nodiscard]] LogFiles output_of(const LogFiles& files, const std::string& writer);

// Makes what is missing, readable by the agent's user alone; keeps what is there.
[[nodiscard]] Result<void> make_log_files(const LogFiles& files);

}  // namespace shoal::host::ctrd
