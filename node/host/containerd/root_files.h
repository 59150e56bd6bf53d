// Small files of an image, read from where its snapshot is about to be mounted from.
#pragma once

#include "node/host/containerd/types.h"

#include <string>

namespace shoal::host::ctrd {

// The text of `path` (relative), from the topmost layer that has it; empty if none has. Follows no
// symbolic link: an image must not make us read the host's files.
[[nodiscard]] std::string read_root_file(const Mounts& mounts, const std::string& path);

}  // namespace shoal::host::ctrd
