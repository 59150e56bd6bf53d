// Stories a cluster of a few nodes must live through, one fault each, told through whole agents.
#include "tests/chaos/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace shoal::tests {
namespace {

using chaos::Host;
using std::chrono::seconds;

// Where the job's containers are.
std::set<Host> hosts_running(Scenario& story) {
    std::set<Host> out;
    for (const auto& m : story.cluster().machines()) {
        if (!m->containers.empty()) out.insert(m->host);
    }
    return out;
}

TEST(Scenarios, AnAgentKilledAloneKeepsItsContainersAndAdoptsThem) {
    Scenario story{3};
    story.runs_job(0, 3);
    const Host victim = *hosts_running(story).begin();
    const auto before = story.cluster().machine(victim).containers.size();
    story.cluster().kill_agent(victim);
    story.cluster().run_for(std::chrono::milliseconds{500});
    story.cluster().boot(victim);
    story.all_is_well();
    EXPECT_EQ(story.cluster().machine(victim).containers.size(), before);
    EXPECT_EQ(story.cluster().counters().stops, 0U);
}

TEST(Scenarios, AnAgentThatStaysDownIsSeenDownAndReplaced) {
    Scenario story{3};
    story.runs_job(0, 3);
    const Host victim = *hosts_running(story).rbegin();
    const Host other = victim == 0 ? 1 : 0;
    const auto lost = story.cluster().machine(victim).containers.size();
    story.cluster().kill_agent(victim);
    story.comes_true([&] { return story.sees(other, victim) == Standing::AgentDown; },
                     "the refused connection is evidence");
    story.comes_true([&] { return story.running() == 3 + lost; },
                     "replacements beside the orphans");
}

TEST(Scenarios, ALostHostIsUnreachableAndItsWorkReplaced) {
    Scenario story{3};
    story.runs_job(1, 3);
    const Host victim = *hosts_running(story).rbegin();
    const Host other = victim == 0 ? 1 : 0;
    story.cluster().kill_host(victim);
    EXPECT_LT(story.running(), 3U);
    story.comes_true([&] { return story.sees(other, victim) == Standing::Unreachable; },
                     "silence is silence, and no death");
    story.comes_true([&] { return story.running() == 3; }, "replaced");
}

TEST(Scenarios, TwoNodesCutApartBothRunEverythingAndAgreeAfterwards) {
    Scenario story{2};
    story.runs_job(0, 4);
    story.cluster().network().partition({{1, 1}});
    story.comes_true([&] { return story.running() == 8; }, "each side runs the whole job");
    story.cluster().network().heal();
    story.all_is_well();
    EXPECT_EQ(story.running(), 4U);
}

TEST(Scenarios, AOneWayLinkMakesNobodyGoneForWhoReachesBoth) {
    Scenario story{3};
    story.runs_job(2, 3);
    story.cluster().network().block(0, 1);
    const bool gone = story.cluster().run_until(
        [&] { return !present(*story.sees(2, 0)) || !present(*story.sees(2, 1)); }, seconds{60});
    EXPECT_FALSE(gone);
    story.cluster().network().heal();
    story.all_is_well();
}

TEST(Scenarios, TheLastNodeStandingRunsEverythingThatFits) {
    Scenario story{5};
    story.runs_job(4, 8);
    for (Host host = 1; host < 5; ++host) {
        story.cluster().kill_host(host);
    }
    story.comes_true([&] { return story.cluster().machine(0).containers.size() == 8; },
                     "any N-1 may vanish");
}

TEST(Scenarios, TheFewWhoOutliveTheManyFindOutAndGoOn) {
    Scenario story{10};
    story.runs_job(4, 10);
    for (Host host = 2; host < 10; ++host) {
        story.cluster().kill_host(host);
    }
    story.comes_true([&] { return story.running() == 10; }, "two of ten run everything");
    EXPECT_EQ(story.sees(0, 1), Standing::Alive);
    EXPECT_EQ(story.sees(1, 0), Standing::Alive);
}

TEST(Scenarios, EverythingPowerCycledComesBackWithoutASeed) {
    Scenario story{3};
    story.runs_job(0, 6);
    for (Host host = 0; host < 3; ++host) {
        story.cluster().kill_host(host);
    }
    story.cluster().run_for(seconds{5});
    for (Host host = 0; host < 3; ++host) {
        story.cluster().boot(host);
    }
    story.all_is_well();
    EXPECT_EQ(story.running(), 6U);
}

TEST(Scenarios, AnOldDiskLosesNothingThatOthersHold) {
    Scenario story{3};
    story.runs_job(0, 2);
    story.cluster().machine(1).disk.keep_copy();
    story.workload().submit(1, "later", 2);
    story.comes_true([&] { return story.running() == 4 && story.whole(); }, "the later job runs");
    story.cluster().kill_host(1);
    story.cluster().machine(1).disk.restore_copy();
    story.oracles().disk_lost();
    story.cluster().boot(1);
    story.all_is_well();
    EXPECT_EQ(story.running(), 4U);
}

TEST(Scenarios, AFullDiskRefusesAndTheClusterGoesOn) {
    Scenario story{3};
    story.cluster().machine(1).disk.set_full(true);
    const auto before = story.cluster().counters().writes_acked;
    story.workload().write(0, "kv/a");
    story.comes_true([&] { return story.cluster().counters().writes_acked > before; },
                     "two disks acknowledge");
    story.workload().submit(1, "web", 1);  // Refused there and then.
    story.cluster().run_for(seconds{5});
    EXPECT_EQ(story.running(), 0U);
    story.cluster().machine(1).disk.set_full(false);
    story.runs_job(1, 3);
}

TEST(Scenarios, AnUpdateWithoutFaultsNeverRunsFewerThanWanted) {
    Scenario story{3};
    story.runs_job(0, 3);
    std::size_t fewest = 3;
    const auto updated = [&] {
        fewest = std::min(fewest, story.running());
        std::size_t fresh = 0;
        for (const auto& m : story.cluster().machines()) {
            for (const auto& [id, container] : m->containers) {
                if (container.image == "web:2") ++fresh;
            }
        }
        return fresh == 3 && story.running() == 3;
    };
    story.workload().submit(1, "web", 3, "web:2");
    EXPECT_TRUE(story.cluster().run_until(updated, seconds{60}, std::chrono::milliseconds{5}));
    EXPECT_EQ(fewest, 3U);
}

TEST(Scenarios, ASlotWithAVolumeWaitsForTheHostThatHasIt) {
    Scenario story{3};
    story.workload().submit(0, "job-2", 1);  // It has a volume.
    story.comes_true([&] { return story.running() == 1; }, "it runs");
    const Host holder = *hosts_running(story).begin();
    story.cluster().kill_host(holder);
    story.cluster().run_for(seconds{30});
    EXPECT_EQ(story.running(), 0U);
    story.cluster().boot(holder);
    story.comes_true([&] { return story.running() == 1; }, "it runs again");
    EXPECT_EQ(hosts_running(story), std::set<Host>{holder});
    story.all_is_well();
}

}  // namespace
}  // namespace shoal::tests
