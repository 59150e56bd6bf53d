// The devices of the host, for a container that may use all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::host::oci {

struct Device {
    std::string path{};  // "/dev/net/tun", as it is inside too
    bool block = false;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
};

// All below `root` but terminals and queues, of which a container has its own.
[[nodiscard]] std::vector<Device> host_devices(const std::string& root = "/dev");

}  // namespace shoal::host::oci
