// This node's own log: on disk before anybody hears of it, and never two contents under one number.
#include "tests/store/lone.h"

#include <gtest/gtest.h>

namespace shoal::store {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const NodeId kPeer{0, 99};

Publish fact(const std::string& key, const std::string& value) {
    return Publish{{Fact{key, to_blob(value)}}};
}

struct OwnLogs : testing::Test {
    OwnLogs() {
        lone.starts();
        lone.meets(kPeer);
    }

    std::optional<std::string> text(const std::string& key) {
        return text_of(&lone.store().own_log(), key);
    }

    // A second process on the same or an older disk.
    static Lone reborn(const tests::Disk& disk, std::uint64_t boot) {
        Lone out{disk};
        out.starts(boot);
        out.meets(kPeer);
        return out;
    }

    Lone lone;
};

TEST_F(OwnLogs, ShowAndSendNothingBeforeItIsOnDisk) {
    const auto asked = lone.step(fact("a", "1"));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(all<Persist>(asked).at(0).sync);
    EXPECT_EQ(text("a"), std::nullopt);
    const auto done = lone.synced(asked);
    EXPECT_EQ(text("a"), "1");
    EXPECT_EQ(all<FactChanged>(done).size(), 1U);
    const auto sent = tests::messages<Delta, Send>(done);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(verify(sent[0].head, lone.signer()));
    EXPECT_EQ(sent[0].head.boot, 1U);
}

TEST_F(OwnLogs, GatherWhileABatchIsAway) {
    const auto first = lone.step(fact("a", "1"));
    EXPECT_TRUE(lone.step(fact("b", "2")).empty());
    EXPECT_TRUE(lone.step(fact("a", "3")).empty());
    const auto done = lone.synced(first);
    EXPECT_EQ(text("a"), "1");
    ASSERT_EQ(all<Persist>(done).size(), 1U) << "what gathered goes together";
    (void)lone.synced(done);
    EXPECT_EQ(text("a"), "3");
    EXPECT_EQ(text("b"), "2");
}

TEST_F(OwnLogs, SayAFactOnlyWhenItChanges) {
    (void)lone.publishes("a", "1");
    EXPECT_TRUE(lone.step(fact("a", "1")).empty());
    EXPECT_TRUE(lone.step(Publish{{Fact{"never", {}}}}).empty()) << "nothing to delete";
    EXPECT_FALSE(lone.step(fact("a", "2")).empty());
}

TEST_F(OwnLogs, AskTheJournalAgainAfterAFailure) {
    const auto asked = lone.step(fact("a", "1"));
    const auto persist = all<Persist>(asked).at(0);
    EXPECT_TRUE(lone.step(PersistFailed{persist.token, "disk full"}).empty());
    EXPECT_EQ(lone.store().journal_trouble(), "disk full");
    EXPECT_EQ(text("a"), std::nullopt);
    EXPECT_TRUE(lone.step(Persisted{persist.token}).empty()) << "an answer that came too late";
    const auto again = lone.waits(seconds{1});
    ASSERT_EQ(all<Persist>(again).size(), 1U);
    EXPECT_EQ(all<Persist>(again)[0].batch, persist.batch) << "one number, one content";
    EXPECT_NE(all<Persist>(again)[0].token, persist.token);
    (void)lone.synced(again);
    EXPECT_EQ(text("a"), "1");
    EXPECT_EQ(lone.store().journal_trouble(), "");
}

TEST_F(OwnLogs, DropTombstonesAfterTheirTimeAndServeTheWholeLogBelowThat) {
    (void)lone.publishes("a", "1");
    const auto stood = lone.store().own_log().head().seq;
    (void)lone.publishes("a", std::nullopt);
    EXPECT_TRUE(lone.store().own_log().records().contains("a"));
    EXPECT_LE(lone.store().wakeup(), kMorning + minutes{15});
    (void)lone.synced(lone.waits(minutes{15}));
    EXPECT_FALSE(lone.store().own_log().records().contains("a"));
    EXPECT_GT(lone.store().own_log().head().floor, stood);
    const auto sent =
        tests::messages<Delta, Send>(lone.hears(kPeer, DeltaRequest{lone.self(), 1, stood}));
    EXPECT_TRUE(sent.at(0).reset);
}

TEST_F(OwnLogs, DropTombstonesOfAnEarlierLifeToo) {
    (void)lone.publishes("a", "1");
    (void)lone.publishes("a", std::nullopt);
    Lone next = reborn(lone.disk(), 2);
    ASSERT_TRUE(next.store().own_log().records().contains("a"));
    (void)next.synced(next.waits(minutes{15}));
    EXPECT_FALSE(next.store().own_log().records().contains("a"));
}

TEST_F(OwnLogs, RefuseFactsOverTheirBudgetByName) {
    Config small;
    small.own.live_keys = 2;
    small.own.live_bytes = 100;
    Lone tiny{{}, small};
    tiny.starts();
    const auto refused = [&](const std::string& key, const Blob& value) {
        std::vector<std::string> out;
        const auto effects = tiny.step(Publish{{Fact{key, value}}});
        for (const auto& notice : all<Notice>(effects)) {
            EXPECT_EQ(notice.kind, NoticeKind::OverBudget);
            out.push_back(notice.detail);
        }
        (void)tiny.synced(effects);
        return out;
    };
    const std::string long_key(kKeyBytesMax + 1, 'k');
    EXPECT_EQ(refused("", to_blob("1")), std::vector<std::string>{""});
    EXPECT_EQ(refused(long_key, to_blob("1")), std::vector{long_key});
    EXPECT_EQ(refused("big", Blob{Bytes(kValueBytesMax + 1)}), std::vector<std::string>{"big"});
    EXPECT_TRUE(refused("a", Blob{Bytes(60)}).empty());
    EXPECT_EQ(refused("b", Blob{Bytes(60)}), std::vector<std::string>{"b"}) << "over 100 bytes";
    EXPECT_TRUE(refused("a", Blob{Bytes(70)}).empty()) << "in place of what it replaces";
    EXPECT_TRUE(refused("b", Blob{Bytes(10)}).empty());
    EXPECT_EQ(refused("c", to_blob("1")), std::vector<std::string>{"c"}) << "a third key";
}

TEST_F(OwnLogs, ComeBackFromTheDiskAsTheyWere) {
    (void)lone.publishes("a", "1");
    (void)lone.publishes("b", "2");
    (void)lone.publishes("a", std::nullopt);
    Lone next{lone.disk()};
    EXPECT_EQ(next.store().own_log().head(), lone.store().own_log().head());
    EXPECT_EQ(text_of(&next.store().own_log(), "b"), "2");
    const auto shown = next.step(Start{2, 2});
    ASSERT_EQ(all<FactChanged>(shown).size(), 1U) << "a tombstone is no news";
    EXPECT_EQ(all<FactChanged>(shown)[0].key, "b");
    (void)next.synced(shown);
    EXPECT_GT(next.store().own_log().head().seq, lone.store().own_log().head().seq)
        << "a new boot is said under a new number";
    EXPECT_EQ(next.store().own_log().head().log_epoch, 1U);
}

// ---- a journal that was lost or rolled back

TEST_F(OwnLogs, RaiseTheirEpochWhenOthersHoldMore) {
    (void)lone.publishes("a", "old");
    const auto backup = lone.disk();
    (void)lone.publishes("a", "new");
    (void)lone.publishes("b", "lost");
    const auto held = lone.store().own_log().head();
    const auto held_by_others = lone.store().own_log().delta_from(0, 0);

    Lone restored = reborn(backup, 2);
    const auto effects = restored.hears(kPeer, held_by_others);
    ASSERT_EQ(all<Notice>(effects).size(), 1U);
    EXPECT_EQ(all<Notice>(effects)[0].kind, NoticeKind::LogRaised);
    const auto sent = tests::messages<Delta, Send>(restored.synced(effects));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent[0].reset) << "everything is published anew";
    EXPECT_GT(sent[0].head.log_epoch, held.log_epoch);
    EXPECT_GT(sent[0].head.seq, held.seq);
    EXPECT_EQ(text_of(&restored.store().own_log(), "a"), "old");
    EXPECT_TRUE(restored.hears(kPeer, held_by_others).empty()) << "once is enough";

    // Whoever held the lost log follows.
    TestSigner signer{5};
    Store peer{signer.id(), {}, Random{1}, signer, {}};
    (void)peer.step(kMorning, Start{1, 5});
    (void)peer.step(kMorning, Receive{restored.self(), held_by_others});
    (void)peer.step(kMorning, Receive{restored.self(), sent[0]});
    EXPECT_EQ(text_of(peer.log(restored.self()), "a"), "old");
    EXPECT_EQ(text_of(peer.log(restored.self()), "b"), std::nullopt);
}

TEST_F(OwnLogs, RaiseTheirEpochWhenTheDiskIsEmpty) {
    (void)lone.publishes("a", "1");
    Lone blank = reborn({}, 2);
    const auto effects = blank.hears(kPeer, lone.store().own_log().delta_from(0, 0));
    EXPECT_EQ(all<Notice>(effects).size(), 1U);
    (void)blank.synced(effects);
    EXPECT_GT(blank.store().own_log().head().log_epoch, 1U);
}

TEST_F(OwnLogs, RaiseTheirEpochForALowerNumberOfABootTheyDoNotRemember) {
    const auto backup = lone.disk();
    Lone forgotten{backup};
    forgotten.starts(3);
    const auto lost = forgotten.store().own_log().delta_from(0, 0);
    Lone restored = reborn(backup, 2);
    for (int i = 0; i < 5; ++i) {
        (void)restored.publishes("a", std::to_string(i));
    }
    ASSERT_LT(lost.head.seq, restored.store().own_log().head().seq);
    EXPECT_EQ(all<Notice>(restored.hears(kPeer, lost)).size(), 1U);
}

TEST_F(OwnLogs, AreNotAlarmedByWhatTheySaidEarlier) {
    (void)lone.publishes("a", "1");
    const auto earlier = lone.store().own_log().delta_from(0, 0);
    (void)lone.publishes("a", "2");
    EXPECT_TRUE(lone.hears(kPeer, earlier).empty());
    EXPECT_TRUE(lone.hears(kPeer, lone.store().own_log().delta_from(0, 0)).empty());
    Lone next = reborn(lone.disk(), 2);
    EXPECT_TRUE(next.hears(kPeer, earlier).empty()) << "an earlier boot is remembered";
}

TEST_F(OwnLogs, BelieveNoHeadOfTheirsTheyDidNotSign) {
    (void)lone.publishes("a", "1");
    auto forged = lone.store().own_log().delta_from(0, 0);
    forged.head.seq += 10;
    const auto notices = all<Notice>(lone.hears(kPeer, forged));
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::BadHead);
    EXPECT_EQ(notices[0].node, kPeer);
    EXPECT_EQ(lone.store().own_log().head().log_epoch, 1U);
}

TEST_F(OwnLogs, AskToBeShownWhatOthersHoldOfThem) {
    lone.meets(kPeer);
    const auto head = lone.store().own_log().head();
    const VectorDigest theirs{1, false, {{lone.self(), 1, head.seq + 4}}, {}};
    const auto asked = tests::messages<DeltaRequest, Send>(lone.hears(kPeer, theirs));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].origin, lone.self());
}

// A log of ours that does not fit its head is given up; its leftovers must not spoil the next one.
TEST_F(OwnLogs, SurviveADamagedDiskForGood) {
    (void)lone.publishes("a", "1");
    (void)lone.publishes("b", "2");
    tests::Disk damaged = lone.disk();
    damaged.write({erased_record_row(lone.self(), "a")});
    Lone second = reborn(damaged, 2);
    EXPECT_EQ(text_of(&second.store().own_log(), "b"), std::nullopt);
    (void)second.publishes("c", "3");
    Lone third = reborn(second.disk(), 3);
    EXPECT_EQ(text_of(&third.store().own_log(), "c"), "3");
    EXPECT_EQ(text_of(&third.store().own_log(), "b"), std::nullopt);
}

}  // namespace
}  // namespace shoal::store
