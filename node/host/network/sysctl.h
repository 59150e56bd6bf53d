// Switches of the kernel under /proc/sys/net, and setting them only where they differ.
#pragma once

#include "node/base/result.h"

#include <string>

namespace shoal::network {

// "net/ipv4/ip_forward": with slashes, since the name of a link may have dots.
struct Sysctl {
    std::string path{};
    std::string value{};
    bool optional = false;  // a kernel without it is fine
};

// What had to be changed, "net.ipv4.ip_forward was 0"; empty: nothing.
[[nodiscard]] Result<std::string> ensure_sysctl(const Sysctl& wanted);

}  // namespace shoal::network
