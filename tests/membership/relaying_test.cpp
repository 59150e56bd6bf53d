// Probes made for others.
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

namespace shoal::membership {
namespace {

struct Relaying : testing::Test {
    void meet(std::initializer_list<NodeId> nodes) {
        (void)lone.starts();
        for (const NodeId& node : nodes) {
            (void)lone.meets(node);
        }
    }

    Lone lone;
};

TEST_F(Relaying, PingsForOthersAndPassesTheAnswerOn) {
    meet({kAnn, kBob});
    const auto effects = lone.hears(kAnn, PingFor{kBob, 77, at(kBob)});
    const auto pings = sent<Ping>(effects);
    ASSERT_EQ(pings.size(), 1U);
    const auto passed = lone.hears(kBob, Ack{kBob, pings[0].sequence, 0, {}});
    const auto acks = sent<Ack>(passed);
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(acks[0].of, kBob);
    EXPECT_EQ(acks[0].sequence, 77U);
    EXPECT_EQ(all<Send>(passed)[0].to, kAnn);
    EXPECT_TRUE(sent<Nack>(lone.waits(seconds{1})).empty()) << "answered once";
}

TEST_F(Relaying, SaysThatTheTargetDidNotAnswerIt) {
    meet({kAnn});
    (void)lone.hears(kAnn, PingFor{kCarol, 77, at(kCarol)});
    EXPECT_TRUE(sent<Nack>(lone.waits(milliseconds{199})).empty());
    const auto nacks = sent<Nack>(lone.waits(milliseconds{1}));
    ASSERT_EQ(nacks.size(), 1U);
    EXPECT_EQ(nacks[0], (Nack{kCarol, 77}));
}

TEST_F(Relaying, ServesABoundedNumberOfOthers) {
    meet({kAnn});
    for (Sequence i = 0; i < 1000; ++i) {
        (void)lone.hears(kAnn, PingFor{kCarol, i, at(kCarol)});
    }
    EXPECT_LE(sent<Nack>(lone.waits(milliseconds{200})).size(), 64U);
    EXPECT_TRUE(lone.hears(kAnn, PingFor{kSelf, 1, at(kSelf)}).empty()) << "not of itself";
}

}  // namespace
}  // namespace shoal::membership
