// A job that stands: who looks after it, what is lost and when, scale, updates, the end.
#include "tests/placement/lone_coordinator.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

const std::vector<NodeId> kOthers{kAnn, kBob, kCarol};

struct Upkeep : testing::Test {
    Upkeep() : name(name_with_rank(0, kOthers)) {
        (void)lone.meets(kAnn, "ann");
        (void)lone.meets(kBob, "bob");
    }

    JobSpec web(std::uint32_t replicas = 1, std::uint64_t template_gen = 1) {
        return job(replicas, template_gen, name);
    }

    // Slots held by Bob from 0 on, healthy.
    void stands_on_bob(const JobSpec& spec, ClaimState state = ClaimState::Healthy) {
        for (std::uint32_t index = 0; index < spec.replicas; ++index) {
            (void)lone.sees(kBob, claim_of(spec, index, 1, state));
        }
        EXPECT_TRUE(asked_of(lone.learns(spec)).empty());
    }

    // Ann takes whatever is asked for.
    std::vector<Given> ann_takes(const Effects& asked) {
        Effects out;
        for (const NodeId& node : asked_of(asked)) {
            if (node == kAnn) {
                LoneCoordinator::append(out, lone.bids(node, asked, {1, 1, 1, 1}));
            } else {
                LoneCoordinator::append(out,
                                        lone.declines(node, asked, {Filter::Cpu, 1, 0, "is full"}));
            }
        }
        return awards(out);
    }

    std::string name;
    LoneCoordinator lone;
};

TEST(Delays, AreThoseOfTheTable) {
    const Delays delays;

    const struct {
        Standing standing;
        bool announced;
        Duration wait;
    } cases[] = {
        {Standing::Alive, false, Duration::max()},
        {Standing::Suspect, true, Duration::max()},
        {Standing::AgentDown, false, milliseconds{1500}},
        {Standing::AgentDown, true, seconds{60}},
        {Standing::Unreachable, false, seconds{5}},
        {Standing::Unreachable, true, seconds{60}},
        {Standing::Dead, false, seconds{1}},
        {Standing::Dead, true, seconds{1}},
        {Standing::Left, false, Duration{}},
    };

    for (const auto& c : cases) {
        EXPECT_EQ(delay_of(delays, c.standing, c.announced), c.wait) << to_string(c.standing);
    }
}

TEST_F(Upkeep, ReplacesWhatALostNodeHeldAfterItsDelay) {
    const struct {
        Standing standing;
        bool announced;
        Duration wait;
    } cases[] = {{Standing::AgentDown, false, milliseconds{1500}},
                 {Standing::AgentDown, true, seconds{60}},
                 {Standing::Unreachable, false, seconds{5}},
                 {Standing::Dead, false, seconds{1}}};

    for (const auto& c : cases) {
        lone = LoneCoordinator{};
        (void)lone.meets(kAnn, "ann");
        (void)lone.meets(kBob, "bob");
        stands_on_bob(web());
        EXPECT_TRUE(asked_of(lone.stands(kBob, c.standing, c.announced)).empty());
        EXPECT_TRUE(asked_of(lone.waits(c.wait - milliseconds{1})).empty());
        const auto effects = lone.waits(milliseconds{1});
        EXPECT_EQ(asked_of(effects), (std::vector{kAnn, kSelf})) << to_string(c.standing);
        const auto given = ann_takes(effects);
        ASSERT_EQ(given.size(), 1U);
        EXPECT_EQ(given[0].award.slots[0],
                  (AwardedSlot{0, 2, Replaces{kBob, 1, ReplaceKind::PresumedLost}}));
    }
}

TEST_F(Upkeep, ReplacesAtOnceWhatALeaverHeld) {
    stands_on_bob(web());
    EXPECT_FALSE(asked_of(lone.stands(kBob, Standing::Left)).empty());
}

TEST_F(Upkeep, ReplacesNothingOfWhoComesBackInTime) {
    stands_on_bob(web());
    (void)lone.stands(kBob, Standing::Unreachable);
    (void)lone.waits(seconds{4});
    (void)lone.stands(kBob, Standing::Alive);
    EXPECT_TRUE(asked_of(lone.waits(minutes{10})).empty());
    (void)lone.stands(kBob, Standing::Suspect);
    EXPECT_TRUE(asked_of(lone.waits(minutes{10})).empty()) << "a suspect is present";
}

TEST_F(Upkeep, KeepsWhatIsOnlyUnreachableIfTheJobSaysSo) {
    auto spec = web();
    spec.on_partition = OnPartition::Keep;
    stands_on_bob(spec);
    (void)lone.stands(kBob, Standing::Unreachable);
    EXPECT_TRUE(asked_of(lone.waits(minutes{10})).empty());
    (void)lone.stands(kBob, Standing::AgentDown);
    EXPECT_FALSE(asked_of(lone.waits(seconds{2})).empty());
}

TEST_F(Upkeep, DoesNotReplaceForANodeItNeverHeardOf) {
    const auto spec = web();
    (void)lone.sees({0, 77}, claim_of(spec, 0, 1));
    EXPECT_TRUE(asked_of(lone.learns(spec)).empty());
    EXPECT_TRUE(asked_of(lone.waits(minutes{10})).empty());
}

TEST_F(Upkeep, IsContentWithOneLiveClaimOfSeveral) {
    const auto spec = web();
    (void)lone.sees(kAnn, claim_of(spec, 0, 2));
    stands_on_bob(spec);
    (void)lone.stands(kBob, Standing::AgentDown);
    EXPECT_TRUE(asked_of(lone.waits(minutes{10})).empty());
}

TEST_F(Upkeep, PlacesOnlyWhatAScaleAdds) {
    stands_on_bob(web(2));
    const auto given = ann_takes(lone.learns(web(4), 2));
    ASSERT_EQ(given.size(), 1U);
    ASSERT_EQ(given[0].award.slots.size(), 2U);
    EXPECT_EQ(given[0].award.slots[0].index, 2U);
    EXPECT_EQ(given[0].award.slots[1].index, 3U);
}

TEST_F(Upkeep, PlacesNothingAtASmallerScaleOrAfterTheEnd) {
    stands_on_bob(web(4));
    EXPECT_TRUE(all<Send>(lone.learns(web(1), 2)).empty());
    (void)lone.sees_no_more(kBob, {name, 3}, 1);
    EXPECT_TRUE(asked_of(lone.waits(minutes{1})).empty());
    EXPECT_TRUE(all<Send>(lone.learns_of_deletion(name)).empty());
    (void)lone.sees_no_more(kBob, {name, 0}, 1);
    EXPECT_TRUE(asked_of(lone.waits(minutes{1})).empty());
    EXPECT_EQ(lone.machine().wakeup(), kNever);
}

TEST_F(Upkeep, ForgetsAnAuctionOfAJobThatIsDeleted) {
    const auto asked = lone.learns(web());
    (void)lone.learns_of_deletion(name);
    EXPECT_TRUE(awards(lone.bids(kAnn, asked, {1})).empty());
    EXPECT_TRUE(all<Send>(lone.waits(minutes{1})).empty());
    EXPECT_FALSE(asked_of(lone.learns(web(), 100)).empty()) << "and takes it up anew";
}

TEST_F(Upkeep, UpdatesOneSlotAtATimeAndOnlyWhileTheOthersStand) {
    stands_on_bob(web(3));
    const auto newer = web(3, 2);
    auto effects = lone.learns(newer, 2);
    for (std::uint32_t index = 0; index < 3; ++index) {
        const auto given = ann_takes(effects);
        ASSERT_EQ(given.size(), 1U) << index;
        ASSERT_EQ(given[0].award.slots.size(), 1U);
        EXPECT_EQ(given[0].award.slots[0],
                  (AwardedSlot{index, 2, Replaces{kBob, 1, ReplaceKind::Moved}}));
        (void)lone.accepts({Send{kAnn, given[0].award}}, ClaimState::Starting);
        EXPECT_TRUE(asked_of(lone.waits(seconds{30})).empty()) << "not before it is healthy";
        (void)lone.sees_no_more(kBob, {name, index}, 1);
        effects = lone.sees(kAnn, claim_of(newer, index, 2));
    }
    EXPECT_TRUE(asked_of(effects).empty());
    EXPECT_TRUE(asked_of(lone.waits(minutes{1})).empty());
}

TEST_F(Upkeep, RepairsBeforeItUpdates) {
    stands_on_bob(web(2));
    (void)lone.sees_no_more(kBob, {name, 1}, 1);
    (void)lone.waits(seconds{1});
    const auto given = ann_takes(lone.learns(web(2, 2), 2));
    for (const auto& one : given) {
        EXPECT_EQ(one.award.slots.size(), 1U);
        EXPECT_EQ(one.award.slots[0].index, 1U);
    }
}

TEST_F(Upkeep, AvoidsANodeThatFailedTheTemplateForAWhile) {
    const auto spec = web();
    (void)lone.sees(kBob, claim_of(spec, 0, 1, ClaimState::Failed));
    const auto effects = lone.learns(spec);
    EXPECT_EQ(asked_of(effects), (std::vector{kAnn, kSelf}));
    for (const Verdict& verdict : lone.machine().verdicts(name)) {
        if (verdict.node != kBob) continue;
        ASSERT_EQ(verdict.reasons.size(), 1U);
        EXPECT_EQ(verdict.reasons[0].filter, Filter::Backoff);
    }
}

TEST_F(Upkeep, LeavesCompletedWorkAlone) {
    auto spec = web();
    spec.restart = RestartPolicy::OnFailure;
    (void)lone.sees(kBob, claim_of(spec, 0, 1, ClaimState::Complete));
    EXPECT_TRUE(asked_of(lone.learns(spec)).empty());
    EXPECT_TRUE(asked_of(lone.waits(minutes{1})).empty());
}

TEST_F(Upkeep, LeavesAloneWhatFailedAndMayRunOnce) {
    auto spec = web();
    spec.restart = RestartPolicy::Never;
    auto claim = claim_of(spec, 0, 1, ClaimState::Failed);
    claim.exit_code = 3;
    (void)lone.sees(kBob, claim);
    EXPECT_TRUE(asked_of(lone.learns(spec)).empty());
}

TEST_F(Upkeep, TriesElsewhereWhatNeverStarted) {
    auto spec = web();
    spec.restart = RestartPolicy::Never;
    (void)lone.sees(kBob, claim_of(spec, 0, 1, ClaimState::Failed));
    EXPECT_FALSE(asked_of(lone.learns(spec)).empty()) << "its image was not there";
}

// ---- who looks after it

struct Ranks : testing::Test {
    void begin(std::size_t rank) {
        for (const NodeId& node : kOthers) {
            (void)lone.meets(node, "n" + std::to_string(node.low));
        }
        name = name_with_rank(rank, kOthers);
    }

    static std::vector<NodeId> status_asked_of(const Effects& effects) {
        std::vector<NodeId> out;
        for (const Send& send : all<Send>(effects)) {
            if (std::holds_alternative<StatusRequest>(send.message)) out.push_back(send.to);
        }
        return out;
    }

    std::string name;
    LoneCoordinator lone;
};

TEST_F(Ranks, SecondAsksTheFirstAndStandsDownWhenItAnswers) {
    begin(1);
    const auto effects = lone.learns(job(1, 1, name));
    EXPECT_TRUE(asked_of(effects).empty());
    const auto first = status_asked_of(effects);
    ASSERT_EQ(first.size(), 1U);
    const auto request = sent<StatusRequest>(effects).at(0).request;
    (void)lone.hears(first[0], Status{request, name, true});
    EXPECT_TRUE(asked_of(lone.waits(seconds{5} - milliseconds{1})).empty());
    EXPECT_EQ(status_asked_of(lone.waits(milliseconds{1})).size(), 1U) << "asks again";
}

TEST_F(Ranks, SecondActsWhenTheFirstIsSilent) {
    begin(1);
    (void)lone.learns(job(1, 1, name));
    EXPECT_TRUE(asked_of(lone.waits(milliseconds{999})).empty());
    EXPECT_FALSE(asked_of(lone.waits(milliseconds{1})).empty());
}

TEST_F(Ranks, NotSettledIsNoAnswerNorIsAnybodyElses) {
    begin(1);
    const auto effects = lone.learns(job(1, 1, name));
    const auto first = status_asked_of(effects).at(0);
    const auto request = sent<StatusRequest>(effects).at(0).request;
    (void)lone.hears(first, Status{request, name, false});
    (void)lone.hears({0, 55}, Status{request, name, true});
    (void)lone.hears(first, Status{request + 1, name, true});
    EXPECT_FALSE(asked_of(lone.waits(seconds{1})).empty());
}

TEST_F(Ranks, ThirdAsksBothAndFourthDoesNothing) {
    begin(2);
    EXPECT_EQ(status_asked_of(lone.learns(job(1, 1, name))).size(), 2U);
    EXPECT_FALSE(asked_of(lone.waits(seconds{1})).empty());
    lone = LoneCoordinator{};
    begin(3);
    EXPECT_TRUE(all<Send>(lone.learns(job(1, 1, name))).empty());
    EXPECT_TRUE(all<Send>(lone.waits(minutes{10})).empty());
}

TEST_F(Ranks, MoveUpWhenAHigherOneIsLost) {
    begin(1);
    const auto first = status_asked_of(lone.learns(job(1, 1, name))).at(0);
    // The slot has no claim, and a ticket of the former first may be alive: five seconds.
    EXPECT_TRUE(all<Send>(lone.stands(first, Standing::AgentDown)).empty());
    EXPECT_TRUE(asked_of(lone.waits(seconds{5} - milliseconds{1})).empty());
    EXPECT_FALSE(asked_of(lone.waits(milliseconds{1})).empty());
}

TEST_F(Ranks, WaitForAClaimsOwnDelayAloneWhenTheFirstHeldItToo) {
    begin(1);
    const auto spec = job(1, 1, name);
    const auto first = status_asked_of(lone.learns(spec)).at(0);
    (void)lone.sees(first, claim_of(spec, 0, 1));
    (void)lone.stands(first, Standing::AgentDown);
    EXPECT_TRUE(asked_of(lone.waits(milliseconds{1499})).empty());
    EXPECT_FALSE(asked_of(lone.waits(milliseconds{1})).empty());
}

TEST_F(Ranks, AnswerWhetherTheyLookAfterAJob) {
    begin(0);
    (void)lone.learns(job(1, 1, name));
    const auto status = [&](const std::string& of) {
        return sent<Status>(lone.asked(kAnn, {7, of})).at(0);
    };
    EXPECT_EQ(status(name), (Status{7, name, true}));
    EXPECT_EQ(status("unknown"), (Status{7, "unknown", false}));
}

}  // namespace
}  // namespace shoal::placement
