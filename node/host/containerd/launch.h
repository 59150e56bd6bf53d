// Making one container run, and leaving nothing of it. Sequences of calls; no state.
#pragma once

#include "node/host/containerd/labels.h"
#include "node/host/containerd/site.h"

#include <string>

namespace shoal::host::ctrd {

// Where the control groups of a container are, by its id at containerd.
[[nodiscard]] std::string cgroups_path_of(const Settings& settings, const std::string& id);

// From nothing to a started program. An error leaves remains, which remove() takes away.
[[nodiscard]] Awaitable<Result<void>> launch(Site& site, placement::StartContainer request);

// Kills what runs and takes everything away; what is not there is fine.
[[nodiscard]] Awaitable<Result<void>> remove(Site& site, std::string id);

// The signal its image wants to be stopped with.
[[nodiscard]] Awaitable<int> stop_signal(Site& site, std::string id);

}  // namespace shoal::host::ctrd
