// When jobs count as settled, and when as beyond hope.
#include "cli/settling.h"

#include "tests/cli/job_story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Stage = Settling::Stage;

class SettlingTest : public ::testing::Test {
protected:
    Stage after(milliseconds passed, const std::vector<SlotNow>& slots, int generation = 3) {
        now_ += passed;
        observe(job_now("web", slots, generation));
        return settling_.stage();
    }

    void observe(Json job) {
        std::vector<Json> jobs;  // Braces would take the job for a list of jobs.
        jobs.push_back(std::move(job));
        settling_.observe(now_, jobs);
    }

    Settling settling_{{{"web", 3}}};
    milliseconds now_{1'000};
};

TEST_F(SettlingTest, AllHealthyForFiveSecondsIsSettled) {
    EXPECT_EQ(after(seconds{0}, {{.state = "starting"}, {.state = "healthy"}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "healthy"}, {.state = "healthy"}}), Stage::Steady);
    EXPECT_EQ(after(milliseconds{4'999}, {{.state = "healthy"}, {.state = "healthy"}}),
              Stage::Steady);
    EXPECT_EQ(after(milliseconds{1}, {{.state = "healthy"}, {.state = "healthy"}}), Stage::Settled);
}

TEST_F(SettlingTest, ARestartOrAnotherContainerStartsTheFiveSecondsAnew) {
    EXPECT_EQ(after(seconds{0}, {{.state = "healthy"}}), Stage::Steady);
    EXPECT_EQ(after(seconds{4}, {{.state = "healthy", .restarts = 1}}), Stage::Steady);
    EXPECT_EQ(after(seconds{4}, {{.state = "healthy", .restarts = 1}}), Stage::Steady);
    EXPECT_EQ(after(seconds{4}, {{.state = "healthy", .epoch = 2}}), Stage::Steady);
    EXPECT_EQ(after(seconds{4}, {{.state = "healthy", .epoch = 2}}), Stage::Steady);
    EXPECT_EQ(after(seconds{5}, {{.state = "healthy", .epoch = 2}}), Stage::Settled);
}

TEST_F(SettlingTest, AnOlderViewOrTooFewSlotsSayNothing) {
    EXPECT_EQ(after(seconds{0}, {{.state = "healthy"}}, 2), Stage::Going);
    EXPECT_EQ(after(seconds{9}, {{.state = "healthy"}}, 2), Stage::Going);
    auto job = job_now("web", {{.state = "healthy"}});
    job["replicas"] = 2U;
    now_ += seconds{20};
    observe(job);
    EXPECT_EQ(settling_.stage(), Stage::Going);
    observe(nullptr);
    EXPECT_EQ(settling_.stage(), Stage::Going);
}

TEST_F(SettlingTest, NothingToRunAndWhatIsDoneNeedNoWatching) {
    EXPECT_EQ(after(seconds{0}, {}), Stage::Settled);
    EXPECT_EQ(after(seconds{0}, {{.state = "complete"}}), Stage::Settled);
    EXPECT_EQ(after(seconds{0}, {{.state = "complete"}, {.state = "healthy"}}), Stage::Steady);
}

TEST_F(SettlingTest, FiveRestartsAreACrashLoop) {
    for (int restarts = 0; restarts < 5; ++restarts) {
        EXPECT_EQ(after(seconds{1}, {{.state = "backoff", .restarts = restarts}}), Stage::Going);
    }
    EXPECT_EQ(after(seconds{1}, {{.state = "backoff", .restarts = 5}}), Stage::Crashing);
    EXPECT_EQ(settling_.crashing(), "web.0");
}

TEST_F(SettlingTest, RestartsAddUpOverTheNodesASlotIsTriedOn) {
    EXPECT_EQ(after(seconds{1}, {{.state = "pending"}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "backoff", .epoch = 1, .restarts = 3}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "starting", .epoch = 2}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "backoff", .epoch = 2, .restarts = 2}}),
              Stage::Crashing);
}

TEST_F(SettlingTest, WhatCrashedBeforeWeLookedIsForgiven) {
    EXPECT_EQ(after(seconds{0}, {{.state = "healthy", .restarts = 40}}), Stage::Steady);
    EXPECT_EQ(after(seconds{2}, {{.state = "backoff", .restarts = 41}}), Stage::Going);
}

TEST_F(SettlingTest, ASlotGivenUpHasTwoSecondsToFindAnotherNode) {
    EXPECT_EQ(after(seconds{0}, {{.state = "failed", .epoch = 1}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "starting", .epoch = 2}}), Stage::Going);
    EXPECT_EQ(after(seconds{1}, {{.state = "failed", .epoch = 2}}), Stage::Going);
    EXPECT_EQ(after(seconds{2}, {{.state = "failed", .epoch = 2}}), Stage::Crashing);
}

TEST_F(SettlingTest, PendingCountsFromWhenTheSlotLostItsNode) {
    EXPECT_EQ(settling_.pending_since(), std::nullopt);
    (void)after(seconds{0}, {{.state = "pending"}, {.state = "healthy"}});
    (void)after(seconds{3}, {{.state = "pending"}, {.state = "pending"}});
    EXPECT_EQ(settling_.pending_since(), milliseconds{1'000});
    (void)after(seconds{3}, {{.state = "starting"}, {.state = "pending"}});
    EXPECT_EQ(settling_.pending_since(), milliseconds{4'000});
    (void)after(seconds{3}, {{.state = "starting"}});
    EXPECT_EQ(settling_.pending_since(), std::nullopt) << "a slot that is gone waits for nothing";
}

}  // namespace
}  // namespace shoal::cli
