// When a disk counts as nearly full.
#include "node/host/daemon/space_watch.h"

#include <gtest/gtest.h>

namespace shoal::host {
namespace {

TEST(Space, IsLowBelowFivePerCentAndWellAgainAboveSix) {
    EXPECT_EQ(low_sentence({{"/a", 5.0}, {"/b", 50}}, false), "");
    EXPECT_EQ(low_sentence({{"/a", 50}, {"/b", 4.9}}, false), "has less than 5 % free at /b");
    EXPECT_EQ(low_sentence({{"/a", 5.5}}, true), "has less than 6 % free at /a");
    EXPECT_EQ(low_sentence({{"/a", 6.0}}, true), "");
    EXPECT_EQ(low_sentence({}, false), "");
}

TEST(Space, IsToldOnceAndPassesOverWhatCannotBeAsked) {
    asio::io_context loop;
    int told = 0;
    SpaceWatch watch{loop,
                     [] {
                         return std::vector<std::string>{"", "/nonexistent", "/proc"};
                     },
                     [&](const std::string&) { ++told; }};
    watch.begin();
    EXPECT_EQ(told, 0);
    EXPECT_FALSE(watch.is_short());
}

}  // namespace
}  // namespace shoal::host
