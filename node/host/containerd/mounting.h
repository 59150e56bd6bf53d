// What a container has mounted of its node: its volumes, made when they are first wanted; folders
// of the host; small files that are handed to it.
#pragma once

#include "node/host/containerd/site.h"

#include <string>
#include <vector>

namespace shoal::host::ctrd {

// The same mounts with the paths of the host their sources are at.
[[nodiscard]] std::vector<placement::Mount> on_this_host(const Site& site,
                                                         const placement::StartContainer& request);

// Makes the volumes that are not there yet. `root`: the layers of the container's image, whose
// content at a volume's target is its first. Fails for a folder of the host that is not there.
[[nodiscard]] Awaitable<Result<void>> prepare_mounts(Site& site, placement::StartContainer request,
                                                     Mounts root);

// Writes what is handed to container `id`, into memory; where each appears inside.
[[nodiscard]] Result<std::vector<oci::FileMount>> write_files(
    const Site& site, const std::string& id, const std::vector<placement::File>& files);

void remove_files(const Site& site, const std::string& id);

}  // namespace shoal::host::ctrd
