// The life of a promise: started, restarted, given up, adopted after a boot.
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

const ContainerId kWeb{{"web", 0}, 1};

struct Promises : testing::Test {
    Promises() { (void)lone.starts(); }

    std::optional<ClaimState> state(const Effects& effects, const ContainerId& id = kWeb) {
        const auto* said = last_said(effects, id);
        if (said == nullptr || !said->claim) return std::nullopt;
        return said->claim->state;
    }

    Effects exits(std::int32_t code = 1) {
        return lone.reports(kWeb, ContainerState::Exited, code);
    }

    LoneExecutor lone;
};

TEST_F(Promises, AreHealthyWhenTheirContainerRuns) {
    const auto taken = lone.takes(job(), {{0, 1, Replaces{kAnn, 0, ReplaceKind::Moved}}});
    EXPECT_EQ(state(taken), ClaimState::Starting);
    const auto running = lone.reports(kWeb, ContainerState::Running);
    EXPECT_EQ(state(running), ClaimState::Healthy);
    const auto& claim = *last_said(running, kWeb)->claim;
    EXPECT_EQ(claim.template_gen, 1U);
    EXPECT_EQ(claim.template_hash, template_hash(job().container));
    EXPECT_EQ(claim.need, (Resources{1000, kGiB}));
    EXPECT_EQ(claim.token, accepted(taken).at(0).token);
    ASSERT_TRUE(claim.replaces);
    EXPECT_EQ(claim.replaces->node, kAnn);
}

TEST_F(Promises, SayThatTheyPullAndStillHoldTheirSlot) {
    (void)lone.takes(job(), {{0, 1, {}}});
    const auto pulls = lone.reports(kWeb, ContainerState::Pulling);
    EXPECT_EQ(state(pulls), ClaimState::Pulling);
    EXPECT_EQ(last_said(pulls, kWeb)->claim->detail, "a detail");
    EXPECT_TRUE(is_live(ClaimState::Pulling));
    EXPECT_TRUE(lone.reports(kWeb, ContainerState::Pulling).empty()) << "once is enough";
    EXPECT_EQ(state(lone.reports(kWeb, ContainerState::Running)), ClaimState::Healthy);
    EXPECT_TRUE(lone.reports(kWeb, ContainerState::Pulling).empty()) << "late; it runs";
}

TEST_F(Promises, ThatPullInVainAreStartedAgain) {
    (void)lone.takes(job(), {{0, 1, {}}});
    (void)lone.reports(kWeb, ContainerState::Pulling);
    EXPECT_EQ(state(lone.reports(kWeb, ContainerState::StartFailed)), ClaimState::Backoff);
    EXPECT_TRUE(has<StartContainer>(lone.waits(seconds{1})));
    EXPECT_EQ(state(lone.reports(kWeb, ContainerState::Pulling)), ClaimState::Pulling);
}

TEST_F(Promises, AreStartedAgainAfterGrowingPauses) {
    (void)lone.runs(job());
    Duration pause = milliseconds{100};
    for (std::uint32_t failure = 1; failure <= 5; ++failure) {
        const auto exited = exits(3);
        EXPECT_EQ(state(exited), ClaimState::Backoff);
        EXPECT_EQ(last_said(exited, kWeb)->claim->restarts, failure);
        EXPECT_EQ(last_said(exited, kWeb)->claim->exit_code, 3);
        EXPECT_EQ(last_said(exited, kWeb)->claim->detail, "a detail");
        EXPECT_FALSE(has<StartContainer>(lone.waits(pause - milliseconds{1})));
        const auto again = lone.waits(pause / 4 + milliseconds{1});
        ASSERT_EQ(all<StartContainer>(again).size(), 1U) << failure;
        EXPECT_EQ(all<StartContainer>(again)[0].id, kWeb) << "the same epoch";
        (void)lone.reports(kWeb, ContainerState::Running);
        pause *= 2;
    }
}

TEST_F(Promises, AreGivenUpAfterFiveFastFailures) {
    (void)lone.runs(job());
    Effects last;
    for (int failure = 0; failure < 6; ++failure) {
        last = failure % 2 == 0 ? exits() : lone.reports(kWeb, ContainerState::StartFailed);
        if (failure < 5) {
            EXPECT_EQ(state(last), ClaimState::Backoff);
        }
        (void)lone.waits(seconds{5});
    }
    EXPECT_EQ(state(last), ClaimState::Failed) << "told, for the slot's next owner to know";
    EXPECT_TRUE(lone.machine().ledger().all().empty());
    (void)lone.synced(last);
    EXPECT_EQ(lone.used(), Resources{});
    EXPECT_FALSE(has<StartContainer>(lone.waits(minutes{10})));
}

TEST_F(Promises, AreGivenUpAtOnceWhereNothingCanStart) {
    (void)lone.runs(job());
    (void)exits();
    ASSERT_TRUE(has<StartContainer>(lone.waits(seconds{1})));
    lone.is_troubled("containerd is away");
    const auto last = lone.reports(kWeb, ContainerState::StartFailed);
    EXPECT_EQ(state(last), ClaimState::Failed) << "others may be well";
    (void)lone.synced(last);
    EXPECT_EQ(lone.used(), Resources{});
}

TEST_F(Promises, ThatRanAreStartedAgainThoughNothingCanStartJustNow) {
    (void)lone.runs(job());
    lone.is_troubled("containerd is away");
    EXPECT_EQ(state(exits()), ClaimState::Backoff);
}

TEST_F(Promises, ForgetFailuresAfterRunningForAWhile) {
    (void)lone.runs(job());
    for (int failure = 0; failure < 20; ++failure) {
        (void)lone.waits(seconds{10});
        EXPECT_EQ(state(exits()), ClaimState::Backoff) << failure;
        EXPECT_TRUE(has<StartContainer>(lone.waits(milliseconds{125})));
        (void)lone.reports(kWeb, ContainerState::Running);
    }
}

TEST_F(Promises, EndByTheirRestartPolicy) {
    const struct {
        RestartPolicy policy;
        std::int32_t code;
        ClaimState after;
    } cases[] = {
        {RestartPolicy::Always, 0, ClaimState::Backoff},
        {RestartPolicy::Always, 1, ClaimState::Backoff},
        {RestartPolicy::OnFailure, 0, ClaimState::Complete},
        {RestartPolicy::OnFailure, 1, ClaimState::Backoff},
        {RestartPolicy::Never, 0, ClaimState::Complete},
        {RestartPolicy::Never, 1, ClaimState::Failed},
    };

    for (const auto& c : cases) {
        lone = LoneExecutor{};
        (void)lone.starts();
        auto spec = job();
        spec.restart = c.policy;
        (void)lone.runs(spec);
        EXPECT_EQ(state(exits(c.code)), c.after) << static_cast<int>(c.policy) << " " << c.code;
    }
}

TEST_F(Promises, ThatFailedAreToldUntilSuperseded) {
    auto spec = job();
    spec.restart = RestartPolicy::Never;
    (void)lone.learns(spec);
    (void)lone.runs(spec);
    (void)lone.synced(exits());
    auto scaled = spec;
    scaled.replicas = 2;
    EXPECT_EQ(last_said(lone.learns(scaled, 2), kWeb), nullptr) << "still the current template";
    auto newer = job(1, 2);
    const auto effects = lone.learns(newer, 3);
    const auto* said = last_said(effects, kWeb);
    ASSERT_NE(said, nullptr);
    EXPECT_FALSE(said->claim.has_value());
}

TEST_F(Promises, ThatFailedAreForgottenWhenTheSlotRunsElsewhere) {
    auto spec = job();
    spec.restart = RestartPolicy::Never;
    (void)lone.learns(spec);
    (void)lone.meets(kAnn);
    (void)lone.runs(spec);
    const auto failed = exits();
    const auto effects = lone.sees(kAnn, claim_of(spec, 0, 2));
    ASSERT_EQ(state(failed), ClaimState::Failed);
    ASSERT_NE(last_said(effects, kWeb), nullptr);
    EXPECT_FALSE(last_said(effects, kWeb)->claim.has_value());
}

TEST_F(Promises, WhoseEndTheDiskRefusesAreEndedAgain) {
    auto spec = job();
    spec.restart = RestartPolicy::Never;
    (void)lone.runs(spec);
    const auto ending = all<Persist>(exits()).at(0);
    (void)lone.persist_failed(ending.token);
    EXPECT_EQ(lone.used(), (Resources{1000, kGiB})) << "a crash could bring it back";
    const auto again = lone.waits(seconds{1});
    ASSERT_EQ(all<Persist>(again).size(), 1U);
    EXPECT_EQ(all<Persist>(again)[0].batch, ending.batch);
    (void)lone.synced(again);
    EXPECT_EQ(lone.used(), Resources{});
}

// ---- after a boot

struct Adoption : Promises {
    // A new process on the same disk.
    LoneExecutor reborn() { return LoneExecutor{lone.disk(), 2}; }

    ContainerReport running(const ContainerId& id = kWeb) { return {id, ContainerState::Running}; }
};

TEST_F(Adoption, TakesRunningContainersAsTheyAre) {
    (void)lone.runs(job());
    LoneExecutor next = reborn();
    const auto effects = next.boots(facts_of("self"), {running()});
    EXPECT_EQ(state(effects), ClaimState::Healthy) << "at once, before settling";
    EXPECT_FALSE(has<StartContainer>(effects));
    EXPECT_FALSE(has<StartContainer>(next.settles()));
    EXPECT_EQ(next.used(), (Resources{1000, kGiB}));
}

TEST_F(Adoption, StartsWhatDoesNotRunOnlyOnceSettled) {
    (void)lone.runs(job());
    LoneExecutor next = reborn();
    EXPECT_FALSE(has<StartContainer>(next.boots()));
    const auto effects = next.settles();
    ASSERT_EQ(all<StartContainer>(effects).size(), 1U);
    EXPECT_EQ(all<StartContainer>(effects)[0].id, kWeb);
}

TEST_F(Adoption, StartsNothingBeforeTheRuntimesList) {
    (void)lone.runs(job());
    LoneExecutor next = reborn();
    EXPECT_FALSE(has<StartContainer>(next.settles()));
    EXPECT_EQ(all<StartContainer>(next.boots()).size(), 1U);
}

TEST_F(Adoption, LetsGoOfWhatRunsElsewhere) {
    (void)lone.runs(job());
    LoneExecutor next = reborn();
    (void)next.boots();
    (void)next.meets(kAnn);
    (void)next.sees(kAnn, claim_of(job(), 0, 2));
    const auto effects = next.settles();
    EXPECT_FALSE(has<StartContainer>(effects));
    EXPECT_TRUE(next.machine().ledger().all().empty());
    EXPECT_FALSE(last_said(effects, kWeb)->claim.has_value());
}

TEST_F(Adoption, DoesNotLetGoForAClaimOfWhoIsNotThere) {
    (void)lone.runs(job());
    LoneExecutor next = reborn();
    (void)next.boots();
    (void)next.meets(kAnn, Standing::AgentDown);
    (void)next.sees(kAnn, claim_of(job(), 0, 2));
    EXPECT_EQ(all<StartContainer>(next.settles()).size(), 1U);
}

TEST_F(Adoption, WritesBackWhatTheLedgerForgot) {
    LoneExecutor blank{{}, 2};
    const auto found = blank.boots(facts_of("self"), {running()});
    EXPECT_TRUE(found.empty()) << "nothing is known of its job: it runs on";
    const auto effects = blank.learns(job());
    EXPECT_EQ(state(effects), ClaimState::Healthy);
    EXPECT_TRUE(has<Persist>(effects));
    EXPECT_EQ(blank.used(), (Resources{1000, kGiB}));
    EXPECT_FALSE(has<StopContainer>(effects));
}

TEST_F(Adoption, StopsWhatItsJobsTombstoneForbids) {
    LoneExecutor blank{{}, 2};
    (void)blank.boots(facts_of("self"), {running()});
    const auto stops = all<StopContainer>(blank.learns_of_deletion("web"));
    ASSERT_EQ(stops.size(), 1U);
    EXPECT_EQ(stops[0].reason, StopReason::JobDeleted);
}

TEST_F(Adoption, StopsAForgottenReplicaOverTheScale) {
    LoneExecutor blank{{}, 2};
    (void)blank.learns(job(1));
    const auto effects = blank.boots(facts_of("self"), {running({{"web", 5}, 1})});
    ASSERT_EQ(all<StopContainer>(effects).size(), 1U);
    EXPECT_EQ(all<StopContainer>(effects)[0].reason, StopReason::ScaledDown);
}

TEST_F(Adoption, ForgetsAnOrphanThatEnded) {
    LoneExecutor blank{{}, 2};
    (void)blank.boots(facts_of("self"), {running()});
    (void)blank.reports(kWeb, ContainerState::Exited);
    EXPECT_FALSE(has<PublishClaim>(blank.learns(job())));
    EXPECT_EQ(blank.used(), Resources{});
}

TEST_F(Adoption, TakesBackItsWordForWhatItNoLongerRuns) {
    const auto stale = claim_of(job(), 0, 4);
    const auto effects = lone.sees(kSelf, stale);
    ASSERT_NE(last_said(effects, {{"web", 0}, 4}), nullptr);
    EXPECT_FALSE(last_said(effects, {{"web", 0}, 4})->claim.has_value());
    (void)lone.learns(job());
    EXPECT_TRUE(lone.sees(kSelf, claim_of(job(), 0, 5, ClaimState::Failed)).empty())
        << "what went wrong under the current template stays told";
}

}  // namespace
}  // namespace shoal::placement
