// Which logs go: of containers that are gone, by age, and the oldest first when the disk gets low.
#pragma once

#include "node/host/logs/page.h"

#include <cstdint>
#include <functional>
#include <string>

namespace shoal::host::logs {

struct Keeping {
    std::int64_t age_max_ms = 7LL * 24 * 3'600'000;
    // What was written a moment ago may be what somebody wants to see right now, and its container
    // may be one that is only just being started.
    std::int64_t fresh_ms = 60'000;
    std::function<bool(const std::string& root)> disk_is_low{};  // asked before each removal
};

// Less than a tenth of the disk is free, or less than 10 GiB of a large one.
[[nodiscard]] bool disk_is_low(const std::string& root);

// Never touches a container in `live`. `go_on` false: stops where it is.
void sweep(const std::string& root, const Containers& live, const Keeping& keeping,
           std::int64_t now_ms, const std::function<bool()>& go_on);

}  // namespace shoal::host::logs
