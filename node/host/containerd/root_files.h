// Small files of an image, read from where its snapshot is about to be mounted from.
#pragma once

#include "node/host/containerd/types.h"

#include <string>
#include <vector>

namespace shoal::host::ctrd {

// Where the layers of an image are, the topmost first.
[[nodiscard]] std::vector<std::string> layers_of(const Mounts& mounts);

// The text of `path` (relative), from the topmost layer that has it; empty if none has. Follows no
// symbolic link: an image must not make us read the host's files.
[[nodiscard]] std::string read_root_file(const Mounts& mounts, const std::string& path);

}  // namespace shoal::host::ctrd
