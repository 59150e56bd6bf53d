// Several stores become equal: by what they send at once, and by anti-entropy for what was lost.
#include "tests/store/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace shoal::store {
namespace {

using std::chrono::seconds;
using tests::all;

std::optional<std::string> fact(Cluster& cluster, std::size_t at, std::size_t of,
                                const std::string& key) {
    const auto* log = cluster[at].log(cluster.id(of));
    if (log == nullptr) return std::nullopt;
    const auto found = log->records().find(key);
    if (found == log->records().end() || found->second.record.tombstone) return std::nullopt;
    return to_text(found->second.record.value.view());
}

TEST(Stores, HearAFactAndAWriteAtOnce) {
    Cluster cluster{3};
    cluster.runs(seconds{10});
    cluster.says(0, "svc/a", "up");
    cluster.writes(1, "kv/a", "1");
    cluster.runs(Duration{});
    EXPECT_EQ(fact(cluster, 1, 0, "svc/a"), "up");
    EXPECT_EQ(fact(cluster, 2, 0, "svc/a"), "up");
    EXPECT_EQ(to_text(cluster[2].find("kv/a")->body.view()), "1");
    EXPECT_TRUE(cluster.agree());
}

TEST(Stores, RepairWhatACutLost) {
    Cluster cluster{2};
    cluster.runs(seconds{10});
    cluster.cuts(0, 1);
    cluster.says(0, "a", "1");
    cluster.says(0, "b", "2");
    cluster.says(1, "c", "3");
    cluster.writes(0, "kv/a", "ours");
    cluster.writes(1, "kv/a", "theirs");
    cluster.runs(seconds{30});
    EXPECT_FALSE(cluster.agree());
    cluster.heals();
    cluster.runs(seconds{20});
    EXPECT_TRUE(cluster.agree());
    EXPECT_EQ(fact(cluster, 1, 0, "b"), "2");
    EXPECT_TRUE(cluster[0].map().conflict("kv/a")) << "both edits were made in ignorance";
    EXPECT_TRUE(cluster[1].map().conflict("kv/a"));
}

TEST(Stores, RepairThroughAThirdWhatTheyCannotTellEachOther) {
    Cluster cluster{3};
    cluster.runs(seconds{10});
    cluster.cuts(0, 1);
    cluster.says(0, "a", "1");
    cluster.writes(1, "kv/a", "1");
    cluster.runs(seconds{60});
    EXPECT_EQ(fact(cluster, 1, 0, "a"), "1");
    EXPECT_NE(cluster[0].find("kv/a"), nullptr);
    EXPECT_TRUE(cluster.agree());
}

TEST(Stores, ReportACompleteExchangeOnlyWhenItIsOne) {
    Cluster cluster{2};
    cluster.cuts(0, 1);
    cluster.says(0, "a", "1");
    cluster.runs(seconds{30});
    EXPECT_TRUE(all<SyncedWith>(cluster.told(1)).empty());
    cluster.heals();
    cluster.runs(seconds{20});
    ASSERT_FALSE(all<SyncedWith>(cluster.told(1)).empty());
    EXPECT_EQ(all<SyncedWith>(cluster.told(1)).front().peer, cluster.id(0));
    const auto learned = tests::position<FactChanged>(cluster.told(1));
    EXPECT_LT(learned, tests::position<SyncedWith>(cluster.told(1))) << "all it held came before";
}

TEST(Stores, SayNothingMoreWhenTheyAgree) {
    Cluster cluster{2};
    cluster.says(0, "a", "1");
    cluster.runs(seconds{20});
    cluster.told(0).clear();
    cluster.told(1).clear();
    cluster.runs(seconds{60});
    for (const std::size_t i : {0U, 1U}) {
        EXPECT_EQ(all<SyncedWith>(cluster.told(i)).size(), cluster.told(i).size());
        EXPECT_FALSE(cluster.told(i).empty());
    }
}

TEST(Stores, DoNotBringADeletedFactBack) {
    Cluster cluster{3};
    cluster.says(0, "a", "1");
    cluster.runs(seconds{20});
    cluster.cuts(0, 2);
    cluster.cuts(1, 2);
    cluster.says(0, "a", std::nullopt);
    cluster.runs(std::chrono::minutes{20});
    EXPECT_FALSE(cluster[0].own_log().records().contains("a")) << "the tombstone is gone, too";
    EXPECT_EQ(fact(cluster, 2, 0, "a"), "1");
    cluster.heals();
    cluster.runs(seconds{30});
    EXPECT_TRUE(cluster.agree());
    EXPECT_EQ(fact(cluster, 1, 0, "a"), std::nullopt);
    EXPECT_EQ(fact(cluster, 2, 0, "a"), std::nullopt);
}

TEST(Stores, ComeBackFromTheirDisksWithWhatTheyHeld) {
    Cluster cluster{2};
    cluster.says(0, "a", "1");
    cluster.says(1, "b", "2");
    cluster.writes(0, "kv/a", "1");
    cluster.writes(1, "kv/a", "2");
    cluster.runs(seconds{20});
    const auto map = cluster[1].map_fingerprint();
    cluster.cuts(0, 1);
    cluster.boots(1);
    EXPECT_EQ(cluster[1].map_fingerprint(), map);
    EXPECT_EQ(fact(cluster, 1, 0, "a"), "1") << "foreign logs as well";
    EXPECT_EQ(fact(cluster, 1, 1, "b"), "2");
    cluster.heals();
    cluster.runs(seconds{20});
    EXPECT_TRUE(cluster.agree());
}

TEST(Stores, RecoverFromADiskThatWentBackToAnOldCopy) {
    Cluster cluster{3};
    cluster.says(0, "a", "old");
    cluster.runs(seconds{20});
    const auto backup = cluster.disk(0);
    cluster.says(0, "a", "new");
    cluster.says(0, "b", "lost");
    cluster.runs(seconds{20});
    cluster.disk(0) = backup;
    cluster.told(0).clear();
    cluster.boots(0);
    cluster.says(0, "c", "since");
    cluster.runs(seconds{60});
    EXPECT_TRUE(cluster.agree());
    EXPECT_GT(cluster[0].own_log().head().log_epoch, 1U);
    for (const std::size_t at : {0U, 1U, 2U}) {
        EXPECT_EQ(fact(cluster, at, 0, "a"), "old") << at;
        EXPECT_EQ(fact(cluster, at, 0, "b"), std::nullopt) << at;
        EXPECT_EQ(fact(cluster, at, 0, "c"), "since") << at;
    }
}

TEST(Stores, RecoverFromADiskThatWasLost) {
    Cluster cluster{2};
    cluster.says(0, "a", "1");
    cluster.writes(0, "kv/a", "kept by the other");
    cluster.runs(seconds{20});
    cluster.disk(0) = {};
    cluster.boots(0);
    cluster.runs(seconds{60});
    EXPECT_TRUE(cluster.agree());
    EXPECT_NE(cluster[0].find("kv/a"), nullptr);
    EXPECT_EQ(fact(cluster, 1, 0, "a"), std::nullopt) << "a fact has one writer, and it forgot";
}

// Anything goes, then everything heals and all must agree.
TEST(Stores, AgreeAfterAnyWeather) {
    for (const auto seed : tests::seeds(40)) {
        SCOPED_TRACE(tests::replay(seed));
        Cluster cluster{2 + seed % 2, seed};
        Random& random = cluster.random();
        for (int round = 0; round < 40; ++round) {
            const auto who = random.below(cluster.size());
            const auto key = std::to_string(random.below(6));
            switch (random.below(8)) {
                case 0:
                    cluster.cuts(0, 1 + random.below(cluster.size() - 1));
                    break;
                case 1:
                    cluster.heals();
                    break;
                case 2:
                    cluster.loses(random.below(400'000));
                    break;
                case 3:
                    cluster.boots(who);
                    break;
                case 4:
                    cluster.says(who, key, std::nullopt);
                    break;
                case 5:
                    cluster.says(who, key, "fact " + std::to_string(round));
                    break;
                default:
                    cluster.writes(who, "kv/" + key, "value " + std::to_string(round));
                    break;
            }
            cluster.runs(Duration{static_cast<Duration::rep>(random.below(3'000'000))});
        }
        cluster.heals();
        cluster.runs(seconds{60});
        ASSERT_TRUE(cluster.agree());
    }
}

}  // namespace
}  // namespace shoal::store
