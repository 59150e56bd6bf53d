// Promises with a check: healthy when it passes, started again when it fails.
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

const ContainerId kWeb{{"web", 0}, 1};

// Every 10 s, 3 failures, 2 s apart at first.
JobSpec checked_job(RestartPolicy restart = RestartPolicy::Always) {
    auto out = job();
    out.restart = restart;
    out.container.health = {.kind = HealthCheck::Kind::Program,
                            .test = {"check"},
                            .interval_ms = 10'000,
                            .start_interval_ms = 2000};
    return out;
}

struct CheckedPromises : testing::Test {
    CheckedPromises() { (void)lone.starts(); }

    // The next question is put, and answered.
    Effects answers(CheckOutcome outcome, const std::string& output = "said") {
        for (int waited = 0; waited < 60; ++waited) {
            const auto asked = all<CheckContainer>(lone.waits(seconds{1}));
            if (asked.empty()) continue;
            return lone.checks({asked[0].id, asked[0].number, outcome, output});
        }
        ADD_FAILURE() << "nothing is asked";
        return {};
    }

    static const Claim& said(const Effects& effects) {
        static const Claim kNothing{};
        const auto* last = last_said(effects, kWeb);
        EXPECT_TRUE(last != nullptr && last->claim);
        return last != nullptr && last->claim ? *last->claim : kNothing;
    }

    Effects falls_ill() {
        (void)answers(CheckOutcome::Failed);
        (void)answers(CheckOutcome::Failed);
        return answers(CheckOutcome::Failed, "refused");
    }

    LoneExecutor lone;
};

TEST_F(CheckedPromises, AreHealthyWhenTheirCheckPassesAndNotBefore) {
    (void)lone.takes(checked_job(), {{0, 1, {}}});
    const auto running = lone.reports(kWeb, ContainerState::Running);
    EXPECT_EQ(said(running).state, ClaimState::Starting);
    EXPECT_EQ(said(running).health, Health::Starting) << "it runs, and that is told apart";
    const auto passed = answers(CheckOutcome::Passed);
    EXPECT_EQ(said(passed).state, ClaimState::Healthy);
    EXPECT_EQ(said(passed).health, Health::Healthy);
    EXPECT_EQ(said(passed).check_output, "said");
}

TEST_F(CheckedPromises, AskWhatTheirImageSaysWhenTheJobSaysNothing) {
    (void)lone.takes(job(), {{0, 1, {}}});
    ContainerReport report{.id = kWeb};
    report.image_check = {.kind = HealthCheck::Kind::Shell, .test = {"curl"}, .interval_ms = 1000};
    EXPECT_EQ(said(lone.reports(report)).state, ClaimState::Starting);
    const auto asked = all<CheckContainer>(lone.waits(seconds{1}));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].check.test, std::vector<std::string>{"curl"});
    EXPECT_EQ(asked[0].check.timeout_ms, 30'000U) << "complete";
}

TEST_F(CheckedPromises, AreStoppedAndStartedAgainWhenTheirCheckFails) {
    (void)lone.runs(checked_job());
    (void)answers(CheckOutcome::Passed);
    const auto ill = falls_ill();
    EXPECT_EQ(said(ill).state, ClaimState::Unhealthy);
    EXPECT_EQ(said(ill).check_failures, 3U);
    EXPECT_EQ(said(ill).detail, "its check failed 3 times: refused");
    const auto stops = all<StopContainer>(ill);
    ASSERT_EQ(stops.size(), 1U);
    EXPECT_EQ(stops[0].reason, StopReason::Unhealthy);
    EXPECT_FALSE(has<Persist>(ill)) << "the promise stays";

    const auto ended = lone.reports(kWeb, ContainerState::Exited, 0);
    EXPECT_EQ(said(ended).state, ClaimState::Backoff);
    EXPECT_EQ(said(ended).restarts, 1U);
    EXPECT_EQ(said(ended).detail, "its check failed 3 times: refused");
    const auto again = all<StartContainer>(lone.waits(seconds{1}));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].id, kWeb);
    (void)lone.reports(kWeb, ContainerState::Running);
    EXPECT_EQ(said(answers(CheckOutcome::Passed)).state, ClaimState::Healthy);
}

TEST_F(CheckedPromises, AreStartedAgainAlsoIfTheyEndWellWhenStopped) {
    (void)lone.runs(checked_job(RestartPolicy::OnFailure));
    (void)answers(CheckOutcome::Passed);
    (void)falls_ill();
    EXPECT_EQ(said(lone.reports(kWeb, ContainerState::Exited, 0)).state, ClaimState::Backoff);
}

TEST_F(CheckedPromises, RunOnUnhealthyWhereNothingIsToBeStartedAgain) {
    (void)lone.runs(checked_job(RestartPolicy::Never));
    (void)answers(CheckOutcome::Passed);
    const auto ill = falls_ill();
    EXPECT_EQ(said(ill).state, ClaimState::Unhealthy);
    EXPECT_FALSE(has<StopContainer>(ill));
    EXPECT_FALSE(has<PublishClaim>(answers(CheckOutcome::Failed))) << "no news";
    EXPECT_EQ(said(answers(CheckOutcome::Passed)).state, ClaimState::Healthy);
}

TEST_F(CheckedPromises, ThatNeverGetWellAreGivenUpHoweverLongTheyRun) {
    (void)lone.runs(checked_job());
    ClaimState state{};
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 4; ++i) {
            (void)answers(CheckOutcome::Failed);
        }
        EXPECT_TRUE(has<StopContainer>(falls_ill())) << round;
        state = said(lone.reports(kWeb, ContainerState::Exited, 137)).state;
        if (round == 5) break;
        EXPECT_EQ(state, ClaimState::Backoff);
        EXPECT_TRUE(has<StartContainer>(lone.waits(seconds{5})));
        (void)lone.reports(kWeb, ContainerState::Running);
    }
    EXPECT_EQ(state, ClaimState::Failed) << "another node may do better";
}

TEST_F(CheckedPromises, AskAgainForAStopThatIsNotAnswered) {
    (void)lone.runs(checked_job());
    (void)answers(CheckOutcome::Passed);
    (void)falls_ill();
    const auto later = lone.waits(seconds{31});
    EXPECT_TRUE(has<StopContainer>(later));
    EXPECT_FALSE(has<CheckContainer>(later)) << "what is being stopped is not asked how it is";
}

TEST_F(CheckedPromises, StayAsWellAsTheyWereOverARestartOfTheAgent) {
    (void)lone.runs(checked_job());
    const auto well = answers(CheckOutcome::Passed);
    LoneExecutor again{lone.disk()};
    (void)again.sees(kSelf, said(well));
    const auto adopted = again.starts(facts_of("self"), {{.id = kWeb}});
    EXPECT_EQ(said(adopted).state, ClaimState::Healthy);
    EXPECT_TRUE(has<CheckContainer>(again.waits(seconds{0}))) << "but it is looked at once";

    LoneExecutor unsure{lone.disk()};
    const auto found = unsure.starts(facts_of("self"), {{.id = kWeb}});
    EXPECT_EQ(said(found).state, ClaimState::Starting) << "nothing is known of it";
}

TEST_F(CheckedPromises, AreNotAskedOnceTheyDrain) {
    (void)lone.runs(checked_job());
    (void)answers(CheckOutcome::Passed);
    (void)lone.drains();
    EXPECT_FALSE(has<CheckContainer>(lone.waits(minutes{1})));
}

TEST_F(CheckedPromises, GiveNoWayToAReplacementThatIsNotHealthy) {
    auto spec = checked_job();
    (void)lone.learns(spec);
    (void)lone.runs(spec);
    (void)answers(CheckOutcome::Passed);
    (void)lone.meets(kAnn);
    spec.template_gen = 2;
    (void)lone.learns(spec, 2);
    for (const auto state : {ClaimState::Starting, ClaimState::Unhealthy}) {
        auto newer = claim_of(spec, 0, 2, state);
        newer.replaces = Replaces{kSelf, 1, ReplaceKind::Moved};
        EXPECT_FALSE(has<StopContainer>(lone.sees(kAnn, newer)));
    }
    EXPECT_TRUE(has<StopContainer>(lone.sees(kAnn, claim_of(spec, 0, 2))));
}

}  // namespace
}  // namespace shoal::placement
