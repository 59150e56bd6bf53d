// The init that containers get on request, as a file of the host that they can be given.
#pragma once

#include "node/base/result.h"

#include <string>

namespace shoal::host::ctrd {

// Writes it below `folder`, unless it is there already; returns its path. Containers that run with
// an older one keep that.
[[nodiscard]] Result<std::string> place_init(const std::string& folder);

}  // namespace shoal::host::ctrd
