// What is told next, how long a suspect has, and how well we are ourselves: the small values.
#include "membership/news.h"

#include "membership/awareness.h"
#include "membership/codec.h"
#include "membership/suspicion.h"
#include "node/base/random.h"

#include <gtest/gtest.h>

#include <map>
#include <rapidcheck.h>

namespace shoal::membership {
namespace {

Claim about(std::uint64_t node, Incarnation incarnation = 1) {
    return {.about = {0, node}, .incarnation = incarnation, .endpoint = {"10.0.0.1", 7373}};
}

TEST(News, TellsEachClaimAsOftenAsAskedAndThenForgetsIt) {
    News news;
    news.add(about(1), 3);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(news.take(1000), Claims{about(1)});
    }
    EXPECT_TRUE(news.empty());
    EXPECT_TRUE(news.take(1000).empty());
}

TEST(News, TellsTheLeastToldFirst) {
    News news;
    news.add(about(1), 5);
    const auto room_for_one = wire_size(about(1));
    (void)news.take(room_for_one);
    news.add(about(2), 5);
    EXPECT_EQ(news.take(room_for_one), Claims{about(2)});
    EXPECT_EQ(news.take(2 * room_for_one).size(), 2U);
}

TEST(News, KeepsOnlyTheNewestOfEachNode) {
    News news;
    for (Incarnation i = 1; i <= 100; ++i) {
        news.add(about(1, i), 4);
    }
    EXPECT_EQ(news.size(), 1U) << "a flapping node costs one entry";
    EXPECT_EQ(news.take(1000), Claims{about(1, 100)});
    news.add(about(1, 101), 4);
    int told = 0;
    while (!news.empty()) {
        told += static_cast<int>(news.take(1000).size());
    }
    EXPECT_EQ(told, 4) << "told anew from the start";
}

TEST(NewsLaw, KeepsItsBudgetAndTellsEveryClaimInFull) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        News news;
        std::map<std::uint64_t, int> told;
        const auto nodes = 1 + random.below(50);
        const auto sends = static_cast<std::uint32_t>(1 + random.below(8));
        for (std::uint64_t i = 0; i < nodes; ++i) {
            news.add(about(i), sends);
        }
        while (!news.empty()) {
            const auto budget = 100 + random.below(1000);
            const auto taken = news.take(budget);
            RC_ASSERT(encode_message(Gossip{taken}).size() <= budget + 16);
            for (const Claim& one : taken) {
                ++told[one.about.low];
            }
        }
        for (std::uint64_t i = 0; i < nodes; ++i) {
            RC_ASSERT(told[i] == static_cast<int>(sends));
        }
    }));
}

TEST(NewsLaw, TheSizeOfAClaimIsAnUpperBound) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const Claim one{.about = {random.next(), random.next()},
                        .incarnation = random.next(),
                        .health = static_cast<Health>(random.below(5)),
                        .boot = random.next(),
                        .endpoint = {std::string(random.below(65), 'x'),
                                     static_cast<std::uint16_t>(random.below(65'536))}};
        RC_ASSERT(encode_claim(one).size() <= wire_size(one));
    }));
}

TEST(Suspicion, GrowsWithTheLogarithmOfTheClusterAndNeverBelowIts) {
    const Duration period = std::chrono::milliseconds{500};

    const struct {
        std::size_t members;
        Duration expected;
    } cases[] = {{1, std::chrono::seconds{2}},
                 {2, std::chrono::seconds{2}},
                 {10, std::chrono::seconds{2}},
                 {100, std::chrono::seconds{4}},
                 {1000, std::chrono::seconds{6}}};

    for (const auto& c : cases) {
        EXPECT_EQ(suspicion_time(4, c.members, period), c.expected) << c.members;
    }
    for (std::size_t n = 1; n < 3000; ++n) {
        EXPECT_LE(suspicion_time(4, n, period), suspicion_time(4, n + 1, period)) << n;
    }
}

TEST(Suspicion, CountsDigitsForRetransmits) {
    EXPECT_EQ(digits(0), 1U);
    EXPECT_EQ(digits(9), 1U);
    EXPECT_EQ(digits(10), 2U);
    EXPECT_EQ(digits(1000), 4U);
}

TEST(Awareness, StaysWithinItsBoundsAndStretchesTimeouts) {
    Awareness awareness;
    awareness.better();
    EXPECT_EQ(awareness.score(), 0U);
    EXPECT_EQ(awareness.stretch(std::chrono::seconds{1}), std::chrono::seconds{1});
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(awareness.may_accuse(), awareness.score() < 3);
        awareness.worse();
    }
    EXPECT_EQ(awareness.score(), 8U);
    EXPECT_EQ(awareness.stretch(std::chrono::seconds{1}), std::chrono::seconds{9});
    awareness.better();
    EXPECT_EQ(awareness.score(), 7U);
}

}  // namespace
}  // namespace shoal::membership
