#include "node/api/containerd_version.h"

#include <gtest/gtest.h>

namespace shoal::api {
namespace {

TEST(ContainerdVersion, SixIsTestedSevenMayBeTriedOthersAreRefused) {
    EXPECT_TRUE(judge_containerd("1.6.20~ds1").usable);
    EXPECT_TRUE(judge_containerd("1.6.20~ds1").remark.empty());
    EXPECT_TRUE(judge_containerd("v1.7.2").usable);
    EXPECT_FALSE(judge_containerd("v1.7.2").remark.empty());
    for (const char* other : {"2.0.0", "v2.1.4", "1.5.9", "", "1.60.0", "1.6", "v"}) {
        EXPECT_FALSE(judge_containerd(other).usable) << other;
        EXPECT_FALSE(judge_containerd(other).remark.empty());
    }
}

}  // namespace
}  // namespace shoal::api
