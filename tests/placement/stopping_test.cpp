// A container is stopped on positive evidence, and silence is none.
#include "tests/placement/lone_executor.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

const ContainerId kWeb{{"web", 0}, 5};

struct Stopping : testing::Test {
    Stopping() {
        (void)lone.starts();
        (void)lone.meets(kAnn);
        (void)lone.learns(job());
        (void)lone.runs(job(), 0, 5);
    }

    static std::optional<StopReason> reason(const Effects& effects) {
        const auto stops = all<StopContainer>(effects);
        EXPECT_LE(stops.size(), 1U);
        if (stops.empty()) return std::nullopt;
        return stops[0].reason;
    }

    LoneExecutor lone;
};

TEST_F(Stopping, FollowsADeletedJob) {
    const auto effects = lone.learns_of_deletion("web");
    EXPECT_EQ(reason(effects), StopReason::JobDeleted);
    EXPECT_EQ(last_said(effects, kWeb)->claim->state, ClaimState::Draining);
    EXPECT_EQ(last_said(effects, kWeb)->claim->detail, "job deleted");
    const auto gone = lone.reports(kWeb, ContainerState::Exited, 0);
    EXPECT_FALSE(last_said(gone, kWeb)->claim.has_value());
    (void)lone.synced(gone);
    EXPECT_EQ(lone.used(), Resources{});
}

TEST_F(Stopping, FollowsASmallerScale) {
    EXPECT_EQ(reason(lone.learns(job(0), 2)), StopReason::ScaledDown);
}

TEST_F(Stopping, FollowsAHealthyReplicaOfANewerTemplate) {
    (void)lone.learns(job(1, 2), 2);
    EXPECT_EQ(reason(lone.sees(kAnn, claim_of(job(1, 2), 0, 6, ClaimState::Starting))),
              std::nullopt);
    EXPECT_EQ(reason(lone.sees(kAnn, claim_of(job(1, 2), 0, 6))), StopReason::Superseded);
}

TEST_F(Stopping, FollowsAHealthyReplicaThatReplacedItAsMoved) {
    auto moved = claim_of(job(), 0, 6);
    moved.replaces = Replaces{kSelf, 4, ReplaceKind::Moved};
    EXPECT_EQ(reason(lone.sees(kAnn, moved)), std::nullopt) << "another epoch of ours";
    moved.replaces = Replaces{kSelf, 5, ReplaceKind::Moved};
    EXPECT_EQ(reason(lone.sees(kAnn, moved)), StopReason::Superseded);
}

TEST_F(Stopping, FollowsAWinnerSeenHealthyForFiveSeconds) {
    (void)lone.sees(kSelf, claim_of(job(), 0, 5));
    EXPECT_EQ(reason(lone.sees(kAnn, claim_of(job(), 0, 4))), std::nullopt);
    EXPECT_EQ(reason(lone.waits(seconds{5} - milliseconds{1})), std::nullopt);
    EXPECT_EQ(reason(lone.waits(milliseconds{1})), StopReason::LostToWinner);
}

TEST_F(Stopping, CountsTheWinnersTimeAnewWhenItFlickers) {
    (void)lone.sees(kSelf, claim_of(job(), 0, 5));
    for (int i = 0; i < 5; ++i) {
        (void)lone.sees(kAnn, claim_of(job(), 0, 4));
        EXPECT_EQ(reason(lone.waits(seconds{4})), std::nullopt);
        (void)lone.sees(kAnn, claim_of(job(), 0, 4, ClaimState::Unhealthy));
        EXPECT_EQ(reason(lone.waits(seconds{4})), std::nullopt);
    }
    (void)lone.sees(kAnn, claim_of(job(), 0, 4));
    (void)lone.meets(kAnn, Standing::Unreachable);
    EXPECT_EQ(reason(lone.waits(minutes{1})), std::nullopt) << "nor who is not there";
    (void)lone.meets(kAnn);
    EXPECT_EQ(reason(lone.waits(seconds{5})), StopReason::LostToWinner);
}

TEST_F(Stopping, SparesTheWinner) {
    (void)lone.sees(kSelf, claim_of(job(), 0, 5));
    (void)lone.sees(kAnn, claim_of(job(), 0, 6));
    EXPECT_EQ(reason(lone.waits(minutes{1})), std::nullopt);
}

TEST_F(Stopping, FollowsADrain) {
    const auto effects = lone.drains();
    EXPECT_EQ(reason(effects), StopReason::Draining);
    EXPECT_FALSE(has<Drained>(effects));
    EXPECT_TRUE(has<Drained>(lone.reports(kWeb, ContainerState::Gone)));
    EXPECT_FALSE(has<Drained>(lone.waits(minutes{1}))) << "said once";
}

TEST_F(Stopping, SparesWhatADrainMayLeaveRunning) {
    const auto effects = lone.drains(false);
    EXPECT_TRUE(has<Drained>(effects));
    EXPECT_FALSE(has<StopContainer>(effects));
    EXPECT_FALSE(has<StopContainer>(lone.learns(job(), 2)));
    EXPECT_FALSE(has<StopContainer>(lone.sees(kSelf, claim_of(job(), 0, 5))));
    EXPECT_EQ(reason(lone.learns_of_deletion("web")), StopReason::JobDeleted);
}

// The award was on its way to disk when the drain began, and its job is known to nobody here yet.
TEST_F(Stopping, FollowsADrainThatOvertookAnAward) {
    const auto other = job(1, 1, "other");
    const auto asked = lone.awarded({2, lone.ticket_for(other), other, {{0, 1, {}}}});
    EXPECT_FALSE(has<Drained>(lone.drains()));
    (void)lone.reports(kWeb, ContainerState::Gone);
    const auto started = lone.synced(asked);
    EXPECT_EQ(reason(started), StopReason::Draining);
    EXPECT_TRUE(has<Drained>(lone.reports({{"other", 0}, 1}, ContainerState::Gone)));
}

TEST_F(Stopping, IsDoneWhenTheAwardADrainWaitsForFails) {
    const auto other = job(1, 1, "other");
    const auto asked = lone.awarded({2, lone.ticket_for(other), other, {{0, 1, {}}}});
    (void)lone.drains();
    (void)lone.reports(kWeb, ContainerState::Gone);
    EXPECT_TRUE(has<Drained>(lone.persist_failed(all<Persist>(asked).at(0).token)));
}

TEST_F(Stopping, IsAskedAgainForTheSameReason) {
    (void)lone.learns_of_deletion("web");
    const auto again = lone.waits(seconds{30});
    EXPECT_EQ(reason(again), StopReason::JobDeleted);
    (void)lone.reports(kWeb, ContainerState::Gone);
    EXPECT_EQ(reason(lone.waits(minutes{5})), std::nullopt);
}

TEST_F(Stopping, NeverReturnsOncePublished) {
    (void)lone.synced(lone.learns(job(0), 2));
    EXPECT_FALSE(has<StartContainer>(lone.learns(job(1), 3))) << "scaled up again meanwhile";
    const auto running = lone.reports(kWeb, ContainerState::Running);
    EXPECT_EQ(last_said(running, kWeb), nullptr);
    LoneExecutor next{lone.disk(), 2};
    (void)next.learns(job());
    Effects effects = next.starts(facts_of("self"), {{kWeb, ContainerState::Running}});
    LoneExecutor::append(effects, next.waits(milliseconds{1}));
    EXPECT_FALSE(has<StartContainer>(effects));
    EXPECT_EQ(reason(effects), StopReason::ScaledDown) << "nor after a restart";
}

TEST_F(Stopping, IsOverAfterARestartIfTheContainerIs) {
    (void)lone.synced(lone.learns(job(0), 2));
    LoneExecutor next{lone.disk(), 2};
    const auto effects = next.starts();
    EXPECT_TRUE(next.machine().ledger().all().empty());
    EXPECT_FALSE(last_said(effects, kWeb)->claim.has_value());
}

TEST_F(Stopping, HasNoReasonInSilence) {
    lone = LoneExecutor{};
    (void)lone.starts();
    (void)lone.runs(job(), 0, 5);
    EXPECT_FALSE(has<StopContainer>(lone.waits(minutes{60}))) << "of a job nobody speaks of";
    (void)lone.learns(job());
    for (const auto standing :
         {Standing::Suspect, Standing::Unreachable, Standing::AgentDown, Standing::Dead}) {
        EXPECT_FALSE(has<StopContainer>(lone.meets(kAnn, standing)));
    }
    (void)lone.sees(kSelf, claim_of(job(), 0, 5));
    EXPECT_FALSE(has<StopContainer>(lone.sees_no_more(kSelf, kWeb.slot, 5)));
    EXPECT_FALSE(has<StopContainer>(lone.waits(minutes{60})));
}

// Anything may happen to the slot's other claims; while none is healthy on a node that is present,
// and the job stands, nothing stops.
TEST(StoppingLaw, NeedsEvidenceWhateverTheOthersSay) {
    for (const auto seed : tests::seeds(200)) {
        SCOPED_TRACE(tests::replay(seed));
        Random random{seed};
        LoneExecutor lone;
        (void)lone.starts();
        (void)lone.learns(job(3));
        (void)lone.runs(job(3), 0, 5);
        for (int i = 0; i < 40; ++i) {
            const NodeId node{0, 1 + random.below(4)};
            auto claim = claim_of(job(3, random.below(3)), 0, 1 + random.below(9),
                                  static_cast<ClaimState>(random.below(10)));
            const auto standing = static_cast<Standing>(random.below(6));
            Effects effects;
            switch (random.below(4)) {
                case 0:
                    // A healthy claim counts only where its node is seen to be there.
                    if (present(standing)) claim.state = ClaimState::Unhealthy;
                    effects = lone.meets(node, Standing::Unreachable);
                    LoneExecutor::append(effects, lone.sees(node, claim));
                    break;
                case 1:
                    if (!present(standing)) effects = lone.meets(node, standing);
                    break;
                case 2:
                    effects = lone.learns(job(1 + static_cast<std::uint32_t>(random.below(5))), 2);
                    break;
                default:
                    effects = lone.waits(seconds{random.below(20)});
                    break;
            }
            EXPECT_FALSE(has<StopContainer>(effects));
        }
    }
}

}  // namespace
}  // namespace shoal::placement
