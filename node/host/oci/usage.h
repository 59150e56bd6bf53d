// What a container uses now, read from where its control groups account for it.
#pragma once

#include "node/host/oci/spec.h"

#include <cstdint>
#include <optional>
#include <string>

namespace shoal::host::oci {

struct Usage {
    std::uint64_t cpu_ns = 0;              // of all its processes since it began
    std::uint64_t memory_bytes = 0;        // without the file cache the kernel may drop at once
    std::uint64_t memory_limit_bytes = 0;  // 0: none
    std::uint64_t processes = 0;           // threads included
    friend bool operator==(const Usage&, const Usage&) = default;
};

// Of the group at `cgroups_path`, as in SpecWish; nothing if there is no such group.
[[nodiscard]] std::optional<Usage> read_usage(const std::string& cgroups_path,
                                              const HostFacts& host,
                                              const std::string& cgroups = "/sys/fs/cgroup");

}  // namespace shoal::host::oci
