// Images from other nodes: blob after blob into files, and from there into containerd, which checks
// each against its digest.
#pragma once

#include "node/host/containerd/site.h"

#include <functional>
#include <string>

namespace shoal::host::ctrd {

// Sees to it that a pinned image is here, whole; any other name is left to find_image(). `wanted`
// is asked between two blobs: Unavailable once nobody wants it any more.
[[nodiscard]] Awaitable<Result<void>> ensure_image(Site& site, std::string name,
                                                   std::function<bool()> wanted);

// Is every blob of it here? The sum of their sizes.
[[nodiscard]] Awaitable<Result<std::int64_t>> whole_size(const Client& client, std::string digest);

}  // namespace shoal::host::ctrd
