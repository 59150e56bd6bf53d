// Which versions of containerd shoal drives: one rule for the agent and for `shoal doctor`.
#pragma once

#include <string>
#include <string_view>

namespace shoal::api {

struct ContainerdVerdict {
    bool usable = false;
    std::string remark{};  // what is not as it should be; empty: tested
};

// "1.6.20~ds1", "v1.7.2"
[[nodiscard]] ContainerdVerdict judge_containerd(std::string_view version);

}  // namespace shoal::api
