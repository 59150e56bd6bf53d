// Images from other nodes: blob after blob into files, and from there into containerd, which checks
// each against its digest.
#pragma once

#include "node/host/containerd/site.h"

#include <functional>
#include <string>

namespace shoal::host::ctrd {

struct FetchTalk {
    std::function<bool()> wanted{};  // asked between two blobs
    std::function<void()> begins{};  // it is not here, and will be fetched
};

// Sees to it that a pinned image is here, whole; any other name is left to find_image().
// Unavailable once nobody wants it any more.
[[nodiscard]] Awaitable<Result<void>> ensure_image(Site& site, std::string name, FetchTalk talk);

struct WholeImage {
    std::int64_t total = 0;  // bytes of all its blobs
    std::vector<placement::PlainPort> exposed{};
};

// Nothing is missing of it here, or else an error.
[[nodiscard]] Awaitable<Result<WholeImage>> whole_image(const Client& client, std::string digest);

}  // namespace shoal::host::ctrd
