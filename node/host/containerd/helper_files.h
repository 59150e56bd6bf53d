// The small programs that run inside or beside containers, as files of the host.
#pragma once

#include "node/base/result.h"

#include <string>
#include <vector>

namespace shoal::host::ctrd {

// Writes the init that containers get on request below `folder`, unless it is there already;
// returns its path. Containers that run with an older one keep that. A folder that is mounted
// noexec is fine.
[[nodiscard]] Result<std::string> place_init(const std::string& folder);

// The same for what writes a container's log. The host runs it, so it goes to the first folder from
// which programs may run; fails if there is none.
[[nodiscard]] Result<std::string> place_log_writer(const std::vector<std::string>& folders);

}  // namespace shoal::host::ctrd
