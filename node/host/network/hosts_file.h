// The part of a container's /etc/hosts that is kept fresh while it runs: its project's services.
//
// The container sees this very file: it is a mount of it. So it is written over, never replaced.
#pragma once

#include "node/base/result.h"
#include "node/host/network/resolv.h"

#include <string>
#include <vector>

namespace shoal::network {

// The same text with these services as its last part, in place of those it had.
[[nodiscard]] std::string with_services(const std::string& text,
                                        const std::vector<HostName>& services);

// Brings a container's file up to date; touches it only if anything changes.
[[nodiscard]] Result<void> refresh_hosts(const std::string& path,
                                         const std::vector<HostName>& services);

}  // namespace shoal::network
