// Coming up, going down, coming back; and two processes with one identity.
#include "node/base/random.h"
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::membership {
namespace {

Claim of_us(Health health, Incarnation incarnation, BootNonce boot = kOurBoot) {
    return {kSelf, incarnation, health, boot, at(kSelf)};
}

TEST(ComingUp, SaysNothingBeforeItsIncarnationIsOnDisk) {
    Lone lone;
    const auto effects = lone.step(Start{at(kSelf), false});
    ASSERT_EQ(effects.size(), 1U);
    EXPECT_TRUE(has<Persist>(effects));
    EXPECT_FALSE(lone.machine().started());
    EXPECT_TRUE(lone.hears(kAnn, Ping{1, 0, {}}).empty());
    const auto up = lone.synced(effects);
    EXPECT_TRUE(lone.machine().started());
    EXPECT_TRUE(change_of(up, kSelf));
    EXPECT_FALSE(lone.hears(kAnn, Ping{1, 0, {}}).empty());
}

TEST(ComingUp, AsksTheJournalAgainUntilItHasIt) {
    Lone lone;
    const auto asked = all<Persist>(lone.step(Start{at(kSelf), false})).at(0);
    EXPECT_TRUE(lone.step(PersistFailed{asked.token}).empty());
    EXPECT_TRUE(lone.step(Persisted{asked.token + 1}).empty()) << "not ours";
    EXPECT_FALSE(lone.machine().started());
    (void)lone.waits(seconds{1});
    EXPECT_TRUE(lone.machine().started());
}

TEST(ComingUp, IsContentAlone) {
    Lone lone;
    (void)lone.starts();
    const auto effects = lone.waits(minutes{1});
    EXPECT_FALSE(has<Send>(effects));
    EXPECT_FALSE(has<ResolveSeeds>(effects));
    EXPECT_EQ(lone.machine().wakeup(), kNever);
}

TEST(ComingUp, TriesItsSeedsForEverAndMoreSlowly) {
    Lone lone;
    (void)lone.starts(true);
    int asked = 0;
    std::vector<Notice> notices;
    for (int second = 0; second < 300; ++second) {
        for (const auto& resolve : all<ResolveSeeds>(lone.waits(seconds{1}))) {
            (void)resolve;
            ++asked;
            const auto effects = lone.step(SeedsResolved{{at(kAnn), at(kSelf)}});
            const auto joins = all<Send>(effects);
            ASSERT_EQ(joins.size(), 1U) << "not ourselves";
            EXPECT_TRUE(joins[0].to.is_zero());
            EXPECT_EQ(joins[0].at, at(kAnn));
            for (const Notice& notice : all<Notice>(effects)) {
                notices.push_back(notice);
            }
        }
    }
    EXPECT_GE(asked, 300 / 19);
    EXPECT_LE(asked, 30);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::SeedsSilent);
}

TEST(ComingUp, LeavesItsSeedsInPeaceOnceSomebodyIsHere) {
    Lone lone;
    (void)lone.starts(true);
    (void)lone.hears(kAnn, Welcome{{claim(kAnn)}});
    int asked = 0;
    for (int i = 0; i < 40; ++i) {
        asked += static_cast<int>(all<ResolveSeeds>(lone.waits(milliseconds{500})).size());
        (void)lone.meets(kAnn, lone.machine().find(kAnn)->claim.incarnation + 1);
    }
    EXPECT_EQ(asked, 0);
    EXPECT_TRUE(lone.step(SeedsResolved{{at(kBob)}}).empty());
}

// ---- incarnations

TEST(Incarnations, AreHigherAfterEveryBootWhateverWasUsed) {
    Random random{7};
    tests::Disk disk;
    Incarnation highest = 0;
    for (BootNonce boot = 1; boot < 20; ++boot) {
        Lone lone{disk, {}, boot};
        (void)lone.starts();
        EXPECT_GT(lone.machine().incarnation(), highest);
        for (auto left = random.below(30); left > 0; --left) {
            const auto said = lone.machine().incarnation() + random.below(400);
            (void)lone.synced(lone.hears(kAnn, Gossip{{of_us(Health::Suspect, said, boot)}}));
            EXPECT_GT(lone.machine().incarnation(), said);
        }
        highest = lone.machine().incarnation();
        disk = lone.disk();
    }
}

TEST(Incarnations, AreNotTakenBeforeTheirBlockIsOnDisk) {
    Lone lone;
    (void)lone.starts();
    const auto before = lone.machine().incarnation();
    const auto effects = lone.hears(kAnn, Gossip{{of_us(Health::Suspect, before + 5000)}});
    ASSERT_TRUE(has<Persist>(effects));
    EXPECT_EQ(lone.machine().incarnation(), before) << "a crash now must not let us use it twice";
    for (const Claim& said : claims_sent(effects)) {
        EXPECT_LE(said.incarnation, before);
    }
    EXPECT_FALSE(has<Persist>(lone.hears(kAnn, Gossip{{of_us(Health::Suspect, before + 5001)}})))
        << "one reservation at a time";
    (void)lone.synced(effects);
    (void)lone.waits(milliseconds{1});
    EXPECT_GT(lone.machine().incarnation(), before + 5000);
}

TEST(Incarnations, ThatTheDiskRefusesAreAskedForAgain) {
    Lone lone;
    (void)lone.starts();
    const auto before = lone.machine().incarnation();
    const auto asked =
        all<Persist>(lone.hears(kAnn, Gossip{{of_us(Health::Suspect, before + 5000)}})).at(0);
    (void)lone.step(PersistFailed{asked.token});
    EXPECT_EQ(lone.machine().incarnation(), before);
    (void)lone.waits(seconds{1});
    EXPECT_EQ(lone.machine().incarnation(), before + 5001);
}

// ---- memory

TEST(Memory, GreetsWhomItKnewAfterARestart) {
    Lone first;
    (void)first.starts();
    (void)first.meets(kAnn);
    (void)first.meets(kBob);
    (void)first.hears(kCarol, Gossip{{claim(kCarol, Health::Left)}});
    (void)first.waits(seconds{2});
    Lone next{first.disk()};
    const auto effects = next.starts();
    ASSERT_TRUE(change_of(effects, kAnn));
    EXPECT_EQ(change_of(effects, kAnn)->before, std::nullopt);
    EXPECT_EQ(change_of(effects, kAnn)->endpoint, at(kAnn));
    std::vector<NodeId> greeted;
    for (const Send& send : all<Send>(effects)) {
        if (std::holds_alternative<membership::Join>(send.message)) greeted.push_back(send.to);
    }
    std::sort(greeted.begin(), greeted.end());
    EXPECT_EQ(greeted, (std::vector{kAnn, kBob})) << "not who left";
    EXPECT_EQ(next.standing(kCarol), Standing::Left);
}

TEST(Memory, IsNotDisturbedByDamagedRows) {
    Lone first;
    (void)first.starts();
    (void)first.meets(kAnn);
    (void)first.waits(seconds{2});
    auto disk = first.disk();
    disk.write({{Table::Members, "x", to_blob("nonsense")}, {Table::Members, "y", Blob{}}});
    Lone next{disk};
    (void)next.starts();
    EXPECT_EQ(next.machine().members().size(), 2U);
}

// ---- going down

TEST(Leaving, IsToldToEverybodyBeforeTheProcessStops) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn);
    (void)lone.meets(kBob);
    auto effects = lone.step(Leave{});
    EXPECT_FALSE(has<MustStop>(effects));
    std::vector<NodeId> told;
    for (const Send& send : all<Send>(effects)) {
        const auto* gossip = std::get_if<Gossip>(&send.message);
        if (gossip != nullptr && gossip->news == Claims{of_us(Health::Left, 1)}) {
            told.push_back(send.to);
        }
    }
    EXPECT_EQ(told.size(), 2U);
    (void)lone.hears(kAnn, Gossip{{of_us(Health::Left, 1)}});
    EXPECT_EQ(lone.machine().incarnation(), 1U) << "one's own word is not refuted";
    const auto stop = all<MustStop>(lone.waits(seconds{1}));
    ASSERT_EQ(stop.size(), 1U);
    EXPECT_FALSE(stop[0].twin);
    EXPECT_TRUE(lone.hears(kAnn, Ping{1, 0, {}}).empty()) << "and then there is silence";
    EXPECT_FALSE(has<Send>(lone.waits(minutes{1})));
}

TEST(Leaving, IsBelievedAndNotProbedAfter) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn);
    const auto effects = lone.hears(kAnn, Gossip{{claim(kAnn, Health::Left)}});
    EXPECT_EQ(change_of(effects, kAnn)->after, Standing::Left);
    for (const Send& send : all<Send>(lone.waits(minutes{1}))) {
        EXPECT_FALSE(std::holds_alternative<Ping>(send.message));
    }
    EXPECT_EQ(lone.standing(kAnn), Standing::Left);
    (void)lone.meets(kAnn, 1);
    EXPECT_EQ(lone.standing(kAnn), Standing::Left);
    (void)lone.meets(kAnn, 2);
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive) << "it came back";
    EXPECT_EQ(lone.next_ping().first, kAnn);
}

TEST(Restarting, IsAnnouncedToEverybodyPresent) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn);
    (void)lone.meets(kBob);
    const auto said = sent<Restart>(lone.step(Restarting{}));
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].incarnation, lone.machine().incarnation());
}

TEST(Restarting, IsRememberedUntilTheNodeIsBack) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn);
    (void)lone.hears(kAnn, Restart{1});
    const auto broken = all<ProbeStream>(lone.step(StreamBroken{kAnn})).at(0);
    const auto down = lone.step(StreamProbed{kAnn, broken.question, Reach::Refused, false});
    ASSERT_TRUE(change_of(down, kAnn));
    EXPECT_EQ(change_of(down, kAnn)->after, Standing::AgentDown);
    EXPECT_TRUE(change_of(down, kAnn)->announced);
    const auto back = lone.meets(kAnn, 2);
    EXPECT_EQ(change_of(back, kAnn)->after, Standing::Alive);
    EXPECT_FALSE(change_of(back, kAnn)->announced);
}

TEST(Restarting, OfAnEarlierLifeAnnouncesNothing) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn, 2);
    (void)lone.hears(kAnn, Restart{1});
    EXPECT_FALSE(lone.machine().find(kAnn)->announced);
    (void)lone.hears(kBob, Restart{2});
    EXPECT_FALSE(lone.machine().find(kAnn)->announced) << "only itself may say so";
}

// ---- twins

struct Twins : testing::Test {
    Twins() { (void)lone.starts(); }

    Effects meets_twin(BootNonce boot) {
        return lone.hears(kAnn, Gossip{{{kSelf, lone.machine().incarnation(), Health::Alive, boot,
                                         Endpoint{"10.6.6.6", 6}}}});
    }

    Lone lone;
};

TEST_F(Twins, AreReportedAndOutbidTheFirstTime) {
    const auto before = lone.machine().incarnation();
    const auto effects = meets_twin(kOurBoot + 1);
    ASSERT_EQ(all<Notice>(effects).size(), 1U);
    EXPECT_EQ(all<Notice>(effects)[0].kind, NoticeKind::TwinSeen);
    EXPECT_EQ(all<Notice>(effects)[0].endpoint.ip, "10.6.6.6");
    EXPECT_EQ(lone.machine().incarnation(), before + 1);
    EXPECT_FALSE(has<MustStop>(effects));
}

TEST_F(Twins, StopTheOneWithTheLowerNonceTheSecondTime) {
    (void)meets_twin(kOurBoot + 1);
    const auto stop = all<MustStop>(meets_twin(kOurBoot + 1));
    ASSERT_EQ(stop.size(), 1U);
    EXPECT_TRUE(stop[0].twin);
    EXPECT_EQ(stop[0].other.ip, "10.6.6.6") << "names the other";
}

TEST_F(Twins, LeaveTheOneWithTheHigherNonceRunning) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(has<MustStop>(meets_twin(kOurBoot - 1)));
    }
}

TEST_F(Twins, AreNotSeenInEachWhoRemembersWhatThisDiskForgot) {
    const Claim forgotten{kSelf, 5'000'000, Health::Alive, kOurBoot + 1, at(kSelf)};
    auto effects = lone.hears(kAnn, Gossip{{forgotten}});
    EXPECT_FALSE(has<MustStop>(lone.hears(kBob, Gossip{{forgotten}})));
    (void)lone.synced(effects);
    EXPECT_GT(lone.machine().incarnation(), forgotten.incarnation);
    EXPECT_FALSE(has<MustStop>(lone.hears(kCarol, Gossip{{forgotten}})));
}

TEST_F(Twins, AreForgottenAfterAMinute) {
    (void)meets_twin(kOurBoot + 1);
    (void)lone.waits(minutes{1});
    EXPECT_FALSE(has<MustStop>(meets_twin(kOurBoot + 1)));
    EXPECT_TRUE(has<MustStop>(meets_twin(kOurBoot + 1)));
}

TEST_F(Twins, AreNoticedAlsoWhenTheyJoinAtOurs) {
    const Claim twin{kSelf, lone.machine().incarnation(), Health::Alive, kOurBoot + 1, at(kBob)};
    EXPECT_TRUE(has<Notice>(lone.hears(kSelf, membership::Join{twin})));
    EXPECT_TRUE(lone.hears(kSelf, Ping{1, 0, {}}).empty()) << "nothing else of theirs is heard";
}

TEST_F(Twins, AreNotOurselvesOfAnEarlierLife) {
    auto disk = lone.disk();
    Lone next{disk, {}, kOurBoot + 9};
    (void)next.starts();
    const auto effects = next.hears(kAnn, Gossip{{of_us(Health::Suspect, 1)}});
    EXPECT_FALSE(has<Notice>(effects));
}

}  // namespace
}  // namespace shoal::membership
