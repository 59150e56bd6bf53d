// A folder of an image, copied out of the layers it is made of.
#pragma once

#include "node/base/result.h"
#include "node/host/containerd/types.h"

#include <string>

namespace shoal::host::ctrd {

// `path` as the container would see it, with owners and modes, into the folder `into`, which takes
// over its own. An image that has no folder there leaves it as it is. Takes as long as it takes.
[[nodiscard]] Result<void> copy_root_folder(const Mounts& mounts, const std::string& path,
                                            const std::string& into);

}  // namespace shoal::host::ctrd
