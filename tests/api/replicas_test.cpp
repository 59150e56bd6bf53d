#include "node/api/replicas.h"

#include <gtest/gtest.h>

namespace shoal::api {
namespace {

TEST(Replicas, AreCalledByTheirNumberOrByTheirNode) {
    EXPECT_EQ(replica_name("web", 2, "a"), "web.2");
    EXPECT_EQ(replica_name("web", kReplicasMax - 1, "a"), "web.9999");
    EXPECT_EQ(replica_name("logs", 3'000'000'000, "b"), "logs@b");
}

}  // namespace
}  // namespace shoal::api
