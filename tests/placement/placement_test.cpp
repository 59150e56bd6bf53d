// Whole machines: settling after a start, and a market of a few nodes from submission to the end.
#include "placement/placement.h"

#include "tests/placement/world.h"

#include <gtest/gtest.h>

#include <numeric>

namespace shoal::placement {
namespace {

using Counts = std::vector<std::size_t>;

std::size_t sum(const Counts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

// ---- settling

struct Settling : testing::Test {
    Effects starts(bool alone) { return machine.step(kMorning, Start{facts_of("self"), alone}); }

    Effects ticks_at(Duration since) { return machine.step(kMorning + since, Tick{}); }

    static tests::Disk with_a_promise() {
        Ledger ledger{{4000, 4 * kGiB}, {}};
        tests::Disk disk;
        disk.write({ledger.row(ledger.add({.slot = {"web", 0}, .epoch = 1, .spec = job()}))});
        return disk;
    }

    Placement machine{kSelf, {}, Random{1}, with_a_promise().rows()};
};

TEST_F(Settling, IsDoneAtOnceByANodeAlone) {
    (void)starts(true);
    EXPECT_TRUE(machine.settled());
    EXPECT_TRUE(has<StartContainer>(machine.step(kMorning, RuntimeListed{})));
}

TEST_F(Settling, IsDoneByTheFirstSync) {
    (void)starts(false);
    (void)machine.step(kMorning, RuntimeListed{});
    (void)machine.step(kMorning, PeerChanged{kAnn, Standing::Alive, false});
    EXPECT_FALSE(has<StartContainer>(ticks_at(seconds{30})));
    EXPECT_FALSE(machine.settled());
    const auto effects = machine.step(kMorning + seconds{30}, SyncedWith{kAnn});
    EXPECT_TRUE(machine.settled());
    EXPECT_TRUE(has<StartContainer>(effects));
}

TEST_F(Settling, IsDoneAfterAMinuteWithoutReachingAnybody) {
    (void)starts(false);
    (void)ticks_at(seconds{59});
    EXPECT_FALSE(machine.settled());
    EXPECT_LE(machine.wakeup(), kMorning + seconds{60});
    (void)ticks_at(seconds{60});
    EXPECT_TRUE(machine.settled());
}

TEST_F(Settling, StartsItsOwnClaimsAfterThreeSecondsWithNobodyThere) {
    (void)starts(false);
    (void)machine.step(kMorning, RuntimeListed{});
    EXPECT_FALSE(has<StartContainer>(ticks_at(milliseconds{2999})));
    EXPECT_TRUE(has<StartContainer>(ticks_at(seconds{3})));
    EXPECT_FALSE(machine.settled()) << "but does not speak for the cluster yet";
}

TEST_F(Settling, WaitsLongerWithSomebodyThere) {
    (void)starts(false);
    (void)machine.step(kMorning, RuntimeListed{});
    (void)machine.step(kMorning, PeerChanged{kAnn, Standing::Alive, false});
    EXPECT_FALSE(has<StartContainer>(ticks_at(seconds{59})));
}

// ---- one node

TEST(OneNode, PlacesItsOwnJobsWithoutAWordToAnybody) {
    World world{1};
    world.submits(job(2));
    world.runs(seconds{1});
    EXPECT_EQ(world.running("web"), (Counts{2}));
    EXPECT_FALSE(has<Send>(world.told(0)));
    const auto jobs = world[0].jobs();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].healthy, 2U);
    EXPECT_EQ(jobs[0].sentence, "");
}

TEST(OneNode, PersistsEveryPromiseBeforeItStarts) {
    World world{1};
    world.submits(job(3));
    world.runs(seconds{1});
    EXPECT_LT(tests::position<Persist>(world.told(0)),
              tests::position<StartContainer>(world.told(0)));
    for (const ContainerId& id : world.containers(0)) {
        EXPECT_TRUE(world[0].is_synced(id));
    }
}

TEST(OneNode, FillsItselfAndSaysWhatIsLacking) {
    World world{1};
    world.submits(job(6));
    world.runs(seconds{10});
    EXPECT_EQ(world.running("web"), (Counts{4}));
    EXPECT_EQ(world[0].sentence("web"),
              "2 of 6 not placed: n1 needs 1000 mCPU, has 0 free of 4000, needs 1.0 GiB, has 0 MiB "
              "free of 4.0 GiB");
    world.deletes("web");
    world.runs(seconds{1});
    EXPECT_EQ(world.running("web"), (Counts{0}));
    EXPECT_EQ(world[0].ledger().used(), Resources{});
}

TEST(OneNode, ScalesBothWays) {
    World world{1};
    for (const std::uint32_t replicas : {1U, 4U, 2U, 0U, 3U}) {
        world.submits(job(replicas));
        world.runs(seconds{10});
        EXPECT_EQ(world.running("web"), (Counts{replicas}));
    }
}

TEST(OneNode, KeepsItsContainersOverARestart) {
    World world{1};
    world.submits(job(2));
    world.runs(seconds{1});
    const auto before = world.containers(0);
    world.told(0).clear();
    world.boots(0);
    world.runs(seconds{60});
    EXPECT_EQ(world.containers(0), before);
    EXPECT_FALSE(has<StartContainer>(world.told(0)));
    EXPECT_FALSE(has<StopContainer>(world.told(0)));
}

TEST(OneNode, MovesToANewTemplateAndLosesNothingOnTheWay) {
    World world{1};
    world.submits(job(2));
    world.runs(seconds{1});
    world.submits(job(2, 2));
    world.runs(minutes{2});
    EXPECT_EQ(world.running("web"), (Counts{2}));
    for (const ContainerId& id : world.containers(0)) {
        EXPECT_EQ(id.epoch, 2U);
    }
}

TEST(OneNode, GoesToSleepWhenAllIsWell) {
    World world{1};
    world.submits(job(2));
    world.runs(minutes{5});
    world.told(0).clear();
    world.runs(minutes{5});
    EXPECT_TRUE(world.told(0).empty());
}

// ---- several

TEST(ThreeNodes, ShareAJobEvenly) {
    World world{3};
    world.submits(job(6));
    world.runs(seconds{5});
    EXPECT_EQ(world.running("web"), (Counts{2, 2, 2}));
}

TEST(ThreeNodes, ReplaceWhatTheDeadHeld) {
    for (const std::size_t victim : {0U, 1U, 2U}) {
        World world{3};
        world.submits(job(3));
        world.runs(seconds{5});
        world.dies(victim, Standing::Dead);
        world.runs(seconds{20});
        auto counts = world.running("web");
        EXPECT_EQ(counts[victim], 0U);
        EXPECT_EQ(sum(counts), 3U);
    }
}

TEST(ThreeNodes, EndWithOneReplicaASlotAfterAFalseAlarm) {
    World world{3};
    world.submits(job(3));
    world.runs(seconds{5});
    world.dies(1);  // The agent; its containers run on.
    world.runs(seconds{20});
    EXPECT_EQ(sum(world.running("web")), 4U) << "one is there twice";
    world.boots(1);
    world.runs(seconds{60});
    EXPECT_EQ(sum(world.running("web")), 3U);
    std::set<SlotId> slots;
    for (const std::size_t i : {0U, 1U, 2U}) {
        for (const ContainerId& id : world.containers(i)) {
            EXPECT_TRUE(slots.insert(id.slot).second) << to_string(id.slot);
        }
    }
}

TEST(ThreeNodes, MoveAwayFromANodeThatDrains) {
    World world{3};
    world.submits(job(3));
    world.runs(seconds{5});
    world.drains(1);
    EXPECT_TRUE(has<Drained>(world.told(1)));
    world.runs(seconds{20});
    const auto counts = world.running("web");
    EXPECT_EQ(counts[1], 0U);
    EXPECT_EQ(sum(counts), 3U);
}

std::size_t host_of_web(const World& world) {
    const auto counts = world.running("web");
    return static_cast<std::size_t>(std::find(counts.begin(), counts.end(), 1U) - counts.begin());
}

TEST(ThreeNodes, TakeTheReplicaOfANodeWhereItKeepsFailing) {
    World world{3};
    world.submits(job(1));
    world.runs(seconds{5});
    const auto where = host_of_web(world);
    for (int failure = 0; failure < 6 && !world.containers(where).empty(); ++failure) {
        const ContainerId id = *world.containers(where).begin();
        world.exits(where, id, 1);
        world.runs(seconds{5});
    }
    EXPECT_EQ(sum(world.running("web")), 1U);
    EXPECT_EQ(world.running("web")[where], 0U);
}

TEST(ThreeNodes, NeverRunTwiceWhatMayRunOnce) {
    World world{3};
    auto spec = job(1);
    spec.restart = RestartPolicy::Never;
    world.submits(spec);
    world.runs(seconds{5});
    const auto where = host_of_web(world);
    const ContainerId id = *world.containers(where).begin();
    world.exits(where, id, 1);
    world.runs(seconds{60});
    EXPECT_EQ(sum(world.running("web")), 0U);
}

TEST(ThreeNodes, StopEverythingOfADeletedJobAndNothingElse) {
    World world{3};
    world.submits(job(3, 1, "a"));
    world.submits(job(3, 1, "b"));
    world.runs(seconds{5});
    world.deletes("a");
    world.runs(seconds{5});
    EXPECT_EQ(sum(world.running("a")), 0U);
    EXPECT_EQ(sum(world.running("b")), 3U);
}

TEST(ThreeNodes, PlaceWhatWaitedAsSoonAsThereIsRoom) {
    World world{3};
    world.submits(job(12, 1, "big"));
    world.submits(job(2, 1, "late"));
    world.runs(seconds{10});
    EXPECT_EQ(sum(world.running("big")), 12U);
    EXPECT_EQ(sum(world.running("late")), 0U);
    world.submits(job(10, 1, "big"));
    world.runs(seconds{10});
    EXPECT_EQ(sum(world.running("late")), 2U);
}

}  // namespace
}  // namespace shoal::placement
