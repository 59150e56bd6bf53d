// One check of one container: a process beside its program, for a limited time.
#pragma once

#include "node/host/containerd/site.h"
#include "placement/types.h"

#include <memory>

namespace shoal::host::ctrd {

// Unknown if containerd or the container was away: that says nothing of the program.
[[nodiscard]] Awaitable<placement::CheckReport> run_check(std::shared_ptr<Site> site,
                                                          placement::CheckContainer request);

}  // namespace shoal::host::ctrd
