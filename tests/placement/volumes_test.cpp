// Volumes: who holds one, who may have a slot that needs it, and what comes of it when its node is
// away.
#include "placement/mounts.h"
#include "tests/placement/with_volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

using ::testing::HasSubstr;

TEST(Mounts, AreRefusedWithWhatWouldBeRight) {
    const auto fault = [](const Mount& mount) { return fault_of({mount}); };
    EXPECT_EQ(fault({.source = "data", .target = "/data"}), "");
    EXPECT_EQ(fault({.kind = MountKind::Bind, .source = "/srv", .target = "/data"}), "");
    EXPECT_EQ(fault({.kind = MountKind::Tmpfs, .target = "/tmp"}), "");
    EXPECT_THAT(fault({.source = "data", .target = "data"}), HasSubstr("an absolute path"));
    EXPECT_THAT(fault({.source = "data", .target = "/"}), HasSubstr("below /"));
    EXPECT_THAT(fault({.source = "data", .target = "/a/../b"}), HasSubstr("without '.' and '..'"));
    EXPECT_THAT(fault({.source = "../data", .target = "/a"}), HasSubstr("beginning with a letter"));
    EXPECT_THAT(fault({.kind = MountKind::Bind, .source = "srv", .target = "/a"}),
                HasSubstr("an absolute path"));
    EXPECT_THAT(fault({.kind = MountKind::Tmpfs, .source = "x", .target = "/a"}),
                HasSubstr("no source"));
    const Mount one{.source = "data", .target = "/data"};
    EXPECT_THAT(fault_of({one, one}), HasSubstr("twice"));
    EXPECT_THAT(fault_of(std::vector<Mount>(65, one)), HasSubstr("more than 64"));
}

TEST(Mounts, GiveEachReplicaItsOwnVolumeAndAllOfThemASharedOne) {
    const std::vector<Mount> mounts{{.source = "own", .target = "/a"},
                                    {.source = "own", .target = "/b"},
                                    {.source = "common", .target = "/c", .shared = true},
                                    {.kind = MountKind::Tmpfs, .target = "/d"}};
    EXPECT_EQ(volumes_of(mounts, 2), (std::vector<VolumeId>{{"common", 0}, {"own", 2}}));
}

TEST(Mounts, NameVolumesByKeysThatAreWrittenInOneWay) {
    EXPECT_EQ(parse_volume_key(volume_key({"shop_data", 12})), (VolumeId{"shop_data", 12}));
    for (const auto* bad :
         {"volume/", "volume/a", "volume//0", "volume/a/", "volume/a/007", "volume/a/b/0",
          "volume/../0", "volume/a/-1", "alloc/a/0", "volume/0"}) {
        EXPECT_FALSE(parse_volume_key(bad)) << bad;
    }
}

// ---- who holds it

TEST(Holders, SayThatTheyHoldAVolumeOnceThePromiseIsOnDisk) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto spec = with_volume(job());
    const Award award{
        .request = 2, .ticket = lone.ticket_for(spec), .spec = spec, .slots = {{0, 1, {}}}};
    const auto before = lone.awarded(award);
    EXPECT_TRUE(told(before).empty());
    const auto after = lone.synced(before);
    ASSERT_EQ(told(after).size(), 1U);
    EXPECT_EQ(told(after)[0].volume, kData);
    ASSERT_TRUE(told(after)[0].record);
    EXPECT_FALSE(told(after)[0].record->used) << "nothing has run with it";
    const auto ran = lone.reports({{"web", 0}, 1}, ContainerState::Running);
    ASSERT_EQ(told(ran).size(), 1U);
    EXPECT_TRUE(told(ran)[0].record->used);
}

TEST(Holders, KeepWhatSomethingHasRunWith) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto id = lone.runs(with_volume(job()));
    (void)lone.learns_of_deletion("web");
    const auto gone = lone.reports(id, ContainerState::Gone);
    EXPECT_TRUE(told(gone).empty());
    EXPECT_NE(lone.machine().volumes().find(kData), nullptr);
}

TEST(Holders, LetGoOfWhatNothingEverRanWith) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto spec = with_volume(job());
    (void)lone.takes(spec, {{0, 1, {}}});
    (void)lone.learns_of_deletion("web");
    const auto gone = lone.reports({{"web", 0}, 1}, ContainerState::Gone);
    ASSERT_EQ(told(gone).size(), 1U);
    EXPECT_FALSE(told(gone)[0].record);
    EXPECT_EQ(lone.machine().volumes().find(kData), nullptr);
}

TEST(Holders, TellAfterARestartOfWhatTheyHold) {
    LoneExecutor first;
    (void)first.starts();
    const auto id = first.runs(with_volume(job()));
    first.disk().write({{Table::Ledger, volume_key(kData), Blob{encode_volume({.used = true})}}});
    LoneExecutor again{first.disk()};
    const auto effects = again.boots(facts_of("self"), {{id, ContainerState::Running}});
    ASSERT_EQ(told(effects).size(), 1U);
    EXPECT_TRUE(told(effects)[0].record->used);
}

TEST(Holders, TakeADirectoryForAVolumeWhateverTheLedgerSays) {
    LoneExecutor lone;
    const auto effects = lone.boots(facts_of("self"), {}, {kData});
    ASSERT_EQ(told(effects).size(), 1U);
    EXPECT_EQ(told(effects)[0].volume, kData);
    EXPECT_TRUE(told(effects)[0].record->used);
    EXPECT_FALSE(all<Persist>(effects).empty());
}

TEST(Holders, TakeBackTheirWordOfWhatTheyDoNotHold) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto effects = lone.sees_volume(kSelf, {"other", 0});
    ASSERT_EQ(told(effects).size(), 1U);
    EXPECT_FALSE(told(effects)[0].record);
}

TEST(Holders, RemoveOneOnlyWhileNoReplicaHasIt) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto id = lone.runs(with_volume(job()));
    EXPECT_TRUE(all<DeleteVolume>(lone.removes(kData)).empty());
    (void)lone.learns_of_deletion("web");
    (void)lone.reports(id, ContainerState::Gone);
    const auto effects = lone.removes(kData);
    ASSERT_EQ(all<DeleteVolume>(effects).size(), 1U);
    ASSERT_EQ(told(effects).size(), 1U);
    EXPECT_FALSE(told(effects)[0].record);
    EXPECT_TRUE(all<DeleteVolume>(lone.removes({"none", 0})).empty());
}

TEST(Holders, AreTheSameForEverybody) {
    const VolumeRecord fresh{.version = 1};
    const VolumeRecord used{.version = 1, .used = true};
    const VolumeRecord newer{.version = 2, .used = true};
    EXPECT_TRUE(holds_before(kBob, used, kAnn, fresh)) << "what may hold data";
    EXPECT_TRUE(holds_before(kBob, newer, kAnn, used)) << "what was made knowing of the other";
    EXPECT_TRUE(holds_before(kAnn, used, kBob, used));
    EXPECT_FALSE(holds_before(kBob, used, kAnn, used));
}

TEST(Holders, ThatHaveLeftComeAfterThoseThatHaveNot) {
    View view{.self = kSelf};
    view.see(kMorning, PeerChanged{kAnn, Standing::Left});
    view.see(kMorning, PeerChanged{kBob, Standing::Alive});
    view.see(VolumeSeen{kAnn, kData, VolumeRecord{.version = 9, .used = true}});
    EXPECT_EQ(view.holder(kData), kAnn);
    view.see(VolumeSeen{kBob, kData, VolumeRecord{.used = true}});
    EXPECT_EQ(view.holder(kData), kBob);
}

// ---- an executor

TEST(Executors, RefuseASlotWhoseVolumeAnotherHolds) {
    LoneExecutor lone;
    (void)lone.starts();
    (void)lone.meets(kBob);
    (void)lone.sees_volume(kBob, kData);
    const auto no = refused(lone.takes(with_volume(job()), {{0, 1, {}}}));
    ASSERT_EQ(no.size(), 1U);
    EXPECT_EQ(no[0].why, Refusal::Volume);
    (void)lone.meets(kBob, Standing::Dead);
    EXPECT_EQ(refused(lone.takes(with_volume(job()), {{0, 2, {}}})).size(), 1U) << "it waits";
    EXPECT_EQ(accepted(lone.takes(with_volume(job(2)), {{1, 1, {}}})).size(), 1U)
        << "another slot, another volume";
}

TEST(Executors, TakeOverFromALostHolderWhereTheJobSaysSoAndThenAreTheHolder) {
    LoneExecutor lone;
    (void)lone.starts();
    (void)lone.sees_volume(kBob, kData, VolumeRecord{.version = 3, .used = true});
    (void)lone.meets(kBob, Standing::Dead);
    auto spec = with_volume(job());
    spec.on_volume_loss = OnVolumeLoss::Recreate;
    const auto effects = lone.takes(spec, {{0, 1, {}}});
    ASSERT_EQ(accepted(effects).size(), 1U);
    ASSERT_EQ(told(effects).size(), 1U);
    EXPECT_EQ(told(effects)[0].record->version, 4U);
}

TEST(Executors, KeepOutOfTheWayOfTheHolderAfterAPartition) {
    LoneExecutor lone;
    (void)lone.starts();
    const auto spec = with_volume(job());
    (void)lone.learns(spec);
    const auto id = lone.runs(spec);
    (void)lone.sees(kSelf, claim_of(spec, 0, 1));
    (void)lone.sees_volume(kSelf, kData);
    (void)lone.meets(kAnn);
    // By its epoch it would lose; it has the volume that counts.
    (void)lone.sees(kAnn, claim_of(spec, 0, 7));
    (void)lone.sees_volume(kAnn, kData);
    EXPECT_TRUE(stops(lone.waits(seconds{6}), id, StopReason::LostToWinner));
}

// ---- a coordinator

TEST_F(Pinning, AsksTheHolderAloneAndSaysWhy) {
    (void)lone.sees_volume(kAnn, kData);
    const auto asked = lone.learns(web());
    EXPECT_EQ(asked_of(asked), (std::vector{kAnn}));
    const auto given = awards(all_bid(asked));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].to, kAnn);
    const auto verdicts = lone.machine().verdicts(name);
    const auto bob = std::find_if(verdicts.begin(), verdicts.end(),
                                  [](const Verdict& verdict) { return verdict.node == kBob; });
    ASSERT_NE(bob, verdicts.end());
    EXPECT_EQ(bob->reasons.at(0).filter, Filter::Volume);
    EXPECT_EQ(bob->reasons.at(0).detail, "volume data.0 is on ann");
}

TEST_F(Pinning, LetsOtherSlotsGoAnywhere) {
    (void)lone.sees_volume(kAnn, kData);
    std::map<std::uint32_t, NodeId> to;
    for (const auto& [node, award] : awards(all_bid(lone.learns(web(2))))) {
        for (const auto& slot : award.slots) {
            to[slot.index] = node;
        }
    }
    EXPECT_EQ(to, (std::map<std::uint32_t, NodeId>{{0, kAnn}, {1, kBob}}));
}

TEST_F(Pinning, WaitsForALostHolderAndSaysSo) {
    (void)lone.sees_volume(kAnn, kData);
    (void)lone.accepts(all_bid(lone.learns(web())));
    auto effects = lone.stands(kAnn, Standing::Dead);
    LoneCoordinator::append(effects, lone.waits(seconds{60}));
    EXPECT_TRUE(asked_of(effects).empty());
    EXPECT_EQ(pending(effects), "1 of 1 not placed: " + name +
                                    ".0 waits for ann, which holds volume data.0 and is dead");
    EXPECT_EQ(lone.machine().sentence(name), pending(effects));
    (void)lone.stands(kAnn, Standing::Alive);
    EXPECT_EQ(lone.machine().sentence(name), "");
}

TEST_F(Pinning, StartsEmptyElsewhereWhereTheJobSaysSo) {
    (void)lone.sees_volume(kAnn, kData);
    auto spec = web();
    spec.on_volume_loss = OnVolumeLoss::Recreate;
    (void)lone.accepts(all_bid(lone.learns(spec)));
    (void)lone.stands(kAnn, Standing::Dead);
    EXPECT_EQ(asked_of(lone.waits(milliseconds{1200})), (std::vector{kBob, kSelf}));
}

TEST_F(Pinning, WaitsForAnExternalVolumeNobodyHolds) {
    auto spec = web();
    spec.container.mounts[0].external = true;
    const auto effects = lone.learns(spec);
    EXPECT_TRUE(asked_of(effects).empty());
    EXPECT_THAT(pending(effects), HasSubstr("data.0, which is external and which no node holds"));
    EXPECT_EQ(asked_of(lone.sees_volume(kBob, kData)), (std::vector{kBob}));
}

TEST_F(Pinning, SaysThatVolumesOfOneSlotAreApart) {
    auto spec = web();
    spec.container.mounts.push_back({.source = "more", .target = "/more"});
    (void)lone.sees_volume(kAnn, kData);
    (void)lone.sees_volume(kBob, {"more", 0});
    EXPECT_THAT(pending(lone.learns(spec)),
                HasSubstr("one node with all its volumes: more.0 is on bob, others on ann"));
}

TEST_F(Pinning, BringsAllReplicasOfASharedVolumeTogether) {
    // Those that share it have the coordinator that is the first for its name.
    std::string volume;
    for (int i = 0; volume.empty(); ++i) {
        const auto one = "data" + std::to_string(i);
        const auto score = [&](const NodeId& node) {
            return rendezvous_score("volume/" + one, node);
        };
        if (score(kSelf) > score(kAnn) && score(kSelf) > score(kBob)) volume = one;
    }
    auto spec = with_volume(job(2, 1, name), true);
    spec.container.mounts[0].source = volume;
    const auto asked = lone.learns(spec);
    const auto given = awards(all_bid(asked));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].award.slots.size(), 2U);
}

TEST_F(Pinning, JobsThatShareAVolumeHaveOneCoordinator) {
    View view{.self = kSelf};
    view.see(JobChanged{"a", 1, with_volume(job(1, 1, "a"), true)});
    view.see(JobChanged{"b", 1, with_volume(job(1, 1, "b"), true)});
    view.see(JobChanged{"c", 1, with_volume(job(1, 1, "c"))});
    EXPECT_EQ(view.order_key("a"), view.order_key("b"));
    EXPECT_EQ(view.order_key("c"), "c");
}

TEST_F(Pinning, AnUpdateTakesItsPlaceOnTheHolder) {
    (void)lone.accepts(all_bid(lone.learns(web())));
    (void)lone.sees_volume(kBob, kData);
    const auto asked = lone.learns(web(1, 2), 2);
    EXPECT_EQ(asked_of(asked), (std::vector{kBob}));
    EXPECT_EQ(sent<BidRequest>(asked).at(0).instead, (Instead{0, 1}));
    const auto given = awards(all_bid(asked));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_TRUE(given[0].award.slots.at(0).stop_first);
}

}  // namespace
}  // namespace shoal::placement
