// Stories of health and order, told through whole agents.
#include "tests/chaos/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace shoal::tests {
namespace {

using chaos::Container;
using chaos::Host;
using placement::After;
using std::chrono::seconds;

placement::JobSpec job(const std::string& name, std::uint32_t replicas = 1,
                       const std::string& image = "web") {
    placement::JobSpec out{.name = name, .replicas = replicas};
    out.container.image = image;
    out.container.need = {400, 512ULL << 20U};
    out.container.health = chaos::quick_check();
    return out;
}

struct Found {
    Host host = 0;
    Container* container = nullptr;
};

std::vector<Found> running(Scenario& story, const std::string& name) {
    std::vector<Found> out;
    for (const auto& m : story.cluster().machines()) {
        for (auto& [id, container] : m->containers) {
            if (id.slot.job == name) out.push_back({m->host, &container});
        }
    }
    return out;
}

std::uint32_t healthy(Scenario& story, const std::string& name) {
    for (const auto& m : story.cluster().machines()) {
        if (!m->runs()) continue;
        for (const auto& one : m->agent->placement().jobs()) {
            if (one.name == name) return one.healthy;
        }
    }
    return 0;
}

TEST(Wellbeing, AReplicaIsHealthyOnceItsCheckPassedAndStartedAgainWhenItFails) {
    Scenario story{3};
    story.workload().submit(0, job("web", 3));
    story.comes_true([&] { return healthy(story, "web") == 3; }, "healthy");
    const auto before = running(story, "web");
    before.at(0).container->sick = true;
    story.comes_true([&] { return healthy(story, "web") == 2; }, "found out");
    story.comes_true([&] { return healthy(story, "web") == 3; }, "well again");
    story.all_is_well();
}

TEST(Wellbeing, AHealthyReplicaGivesNoWayToOneThatIsNot) {
    Scenario story{3};
    story.workload().submit(0, job("web"));
    story.comes_true([&] { return healthy(story, "web") == 1; }, "healthy");
    const Host home = running(story, "web").at(0).host;
    story.workload().submit(1, job("web", 1, "sick"));
    story.comes_true([&] { return running(story, "web").size() == 2; }, "the new one is tried");
    const bool gone = story.cluster().run_until(
        [&] {
            const auto all = running(story, "web");
            return std::none_of(all.begin(), all.end(), [&](const Found& one) {
                return one.host == home && one.container->image == "web";
            });
        },
        seconds{60});
    EXPECT_FALSE(gone);
    story.workload().submit(2, job("web", 1, "web:2"));
    story.comes_true(
        [&] {
            const auto all = running(story, "web");
            return all.size() == 1 && all[0].container->image == "web:2";
        },
        "a good one takes over");
}

TEST(Wellbeing, AJobWaitsForWhatItComesAfter) {
    Scenario story{3};
    auto web = job("web", 2);
    web.after = {{"db", After::Condition::Healthy}};
    story.workload().submit(0, web);
    const auto runs = [&] { return !running(story, "web").empty(); };
    EXPECT_FALSE(story.cluster().run_until(runs, seconds{20})) << "there is no db";
    story.workload().submit(1, job("db", 1, "sick"));
    story.comes_true([&] { return !running(story, "db").empty(); }, "db runs");
    EXPECT_FALSE(story.cluster().run_until(runs, seconds{20})) << "db is not healthy";
    story.workload().submit(2, job("db"));
    story.comes_true([&] { return healthy(story, "db") == 1; }, "db is healthy");
    story.comes_true([&] { return healthy(story, "web") == 2; }, "and so is web");
}

TEST(Wellbeing, WhatRanOnceIsReplacedWithoutWhatItCameAfter) {
    Scenario story{3};
    auto web = job("web", 3);
    web.after = {{"db", After::Condition::Healthy}};
    story.workload().submit(0, web);
    story.workload().submit(0, job("db"));
    story.comes_true([&] { return healthy(story, "web") == 3; }, "all runs");
    story.workload().remove(1, "db");
    story.comes_true([&] { return running(story, "db").empty(); }, "db is gone");
    story.cluster().kill_host(2);
    story.comes_true([&] { return running(story, "web").size() == 3; }, "web is whole again");
}

TEST(Wellbeing, AHostThatStartsAgainWaitsForNothing) {
    Scenario story{1};
    auto web = job("web");
    web.after = {{"db", After::Condition::Healthy}};
    story.workload().submit(0, web);
    story.workload().submit(0, job("db"));
    story.comes_true([&] { return healthy(story, "web") == 1; }, "all runs");
    story.workload().remove(0, "db");
    story.comes_true([&] { return running(story, "db").empty(); }, "db is gone");
    story.cluster().kill_host(0);
    story.cluster().boot(0);
    story.comes_true([&] { return healthy(story, "web") == 1; }, "web runs without it");
}

}  // namespace
}  // namespace shoal::tests
