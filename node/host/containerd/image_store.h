// Images as containers need them: found by name, unpacked, described.
#pragma once

#include "node/host/containerd/client.h"

#include <string>

namespace shoal::host::ctrd {

struct Image {
    std::string name{};      // as the store has it
    std::string manifest{};  // digest
    oci::ImageConfig config{};
    std::string top{};  // snapshot of all its layers; empty: it has none
};

// The image of this name, or of name:latest if the name has no tag. NotFound says what can be done.
[[nodiscard]] Awaitable<Result<Image>> find_image(Client client, std::string name);

// Unpacks what is not unpacked yet. One at a time for one client: the caller sees to it.
[[nodiscard]] Awaitable<Result<void>> unpack_image(Client client, std::string manifest_digest);

}  // namespace shoal::host::ctrd
