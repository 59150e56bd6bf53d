#include "node/api/containerd_version.h"

namespace shoal::api {

ContainerdVerdict judge_containerd(std::string_view version) {
    const auto number = version.starts_with('v') ? version.substr(1) : version;
    const auto named = "containerd " + std::string{version};
    if (number.starts_with("1.6.")) return {.usable = true};
    if (number.starts_with("1.7.")) {
        return {.usable = true, .remark = named + " should work and is not tested; 1.6 is"};
    }
    // Nobody has tried those, and what runs as root is not the place to find out.
    return {.remark = named + " is not supported; 1.6 is tested, 1.7 should work"};
}

}  // namespace shoal::api
