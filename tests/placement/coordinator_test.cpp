// The market of one coordinator: whom it asks, what it takes, what it says of what is missing.
#include "tests/placement/lone_coordinator.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

const std::vector<NodeId> kOthers{kAnn, kBob, kCarol};

struct Coordinators : testing::Test {
    Coordinators() : name(name_with_rank(0, kOthers)) {}

    JobSpec web(std::uint32_t replicas = 1, std::uint64_t template_gen = 1) {
        return job(replicas, template_gen, name);
    }

    void meet_all() {
        (void)lone.meets(kAnn, "ann");
        (void)lone.meets(kBob, "bob");
    }

    // Everybody asked answers: itself dear, Ann at 20, Bob at 10, for as many as wanted.
    Effects market(const Effects& asked, std::size_t offered = 4) {
        Effects out;
        for (const NodeId& node : asked_of(asked)) {
            const std::uint32_t price = node == kBob ? 10 : node == kAnn ? 20 : 900;
            LoneCoordinator::append(
                out, lone.bids(node, asked, std::vector<std::uint32_t>(offered, price)));
        }
        return out;
    }

    // One replica on Bob, healthy.
    void place_one() {
        meet_all();
        const auto won = market(lone.learns(web()));
        EXPECT_EQ(awards(won).at(0).to, kBob);
        (void)lone.accepts(won);
    }

    std::string name;
    LoneCoordinator lone;
};

TEST_F(Coordinators, AskEverybodyFitAndThemselves) {
    meet_all();
    auto spec = web(2);
    spec.per_node_max = 1;
    spec.constraints = {{"node.zone", Constraint::Op::Equals, "z1"}};
    const auto effects = lone.learns(spec);
    EXPECT_EQ(asked_of(effects), (std::vector{kAnn, kBob, kSelf}));
    const auto request = sent<BidRequest>(effects).at(0);
    EXPECT_EQ(request.job, name);
    EXPECT_EQ(request.slots, 2U);
    EXPECT_EQ(request.need, (Resources{1000, kGiB}));
    EXPECT_EQ(request.constraints, spec.constraints);
    EXPECT_EQ(request.per_node_max, 1U);
}

TEST_F(Coordinators, AwardTheCheapest) {
    meet_all();
    const auto given = awards(market(lone.learns(web())));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].to, kBob);
    EXPECT_EQ(given[0].award.ticket, kBob.low);
    EXPECT_EQ(given[0].award.spec, web());
    ASSERT_EQ(given[0].award.slots.size(), 1U);
    EXPECT_EQ(given[0].award.slots[0], (AwardedSlot{0, 1, std::nullopt}));
}

TEST_F(Coordinators, SpreadAJobBeforeTheyLookAtPrices) {
    meet_all();
    std::map<NodeId, std::size_t> count;
    for (const auto& [to, award] : awards(market(lone.learns(web(6)), 6))) {
        count[to] += award.slots.size();
    }
    EXPECT_EQ(count, (std::map<NodeId, std::size_t>{{kAnn, 2}, {kBob, 2}, {kSelf, 2}}));
}

TEST_F(Coordinators, CountTheReplicasThatAreThereAlready) {
    place_one();
    const auto given = awards(market(lone.learns(web(2), 2)));
    ASSERT_EQ(given.size(), 1U) << "only what is new";
    EXPECT_EQ(given[0].to, kAnn);
    EXPECT_EQ(given[0].award.slots[0].index, 1U);
}

TEST_F(Coordinators, GiveNoNodeMoreThanItsLimitOrItsOffer) {
    meet_all();
    auto spec = web(9);
    spec.per_node_max = 2;
    const auto limited = market(lone.learns(spec));
    for (const auto& [to, award] : awards(limited)) {
        EXPECT_EQ(award.slots.size(), 2U);
    }
    EXPECT_EQ(pending(limited).substr(0, 17), "3 of 9 not placed");
    LoneCoordinator other;
    (void)other.meets(kAnn, "ann");
    const auto asked = other.learns(web(9));
    (void)other.bids(kSelf, asked, {1});
    const auto given = awards(other.bids(kAnn, asked, {1, 1, 1}));
    ASSERT_EQ(given.size(), 2U);
    EXPECT_EQ(given[0].award.slots.size() + given[1].award.slots.size(), 4U);
}

TEST_F(Coordinators, DecideWhenAllHaveAnsweredOrTheTimeIsUp) {
    meet_all();
    const auto asked = lone.learns(web());
    EXPECT_TRUE(awards(lone.bids(kAnn, asked, {20})).empty());
    EXPECT_TRUE(awards(lone.waits(milliseconds{299})).empty());
    const auto given = awards(lone.waits(milliseconds{1}));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].to, kAnn);
    EXPECT_TRUE(awards(lone.bids(kBob, asked, {10})).empty()) << "too late";
}

TEST_F(Coordinators, HearOnlyWhomTheyAsked) {
    meet_all();
    const auto asked = lone.learns(web());
    (void)lone.bids(kCarol, asked, {1});
    (void)lone.hears(kAnn, Bid{LoneCoordinator::request(asked) + 1, 1, {1}, false});
    (void)lone.bids(kAnn, asked, {20});
    (void)lone.bids(kAnn, asked, {1});
    (void)lone.bids(kSelf, asked, {900});
    const auto given = awards(lone.bids(kBob, asked, {10}));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].to, kBob) << "Ann's first word counts";
}

TEST_F(Coordinators, SayWhoWouldHaveToFetchTheImage) {
    meet_all();
    const auto asked = lone.learns(web());
    const auto request = LoneCoordinator::request(asked);
    (void)lone.hears(kAnn, Bid{request, 1, {1}, true});
    for (const auto& verdict : lone.machine().verdicts("web")) {
        if (verdict.node != kAnn) continue;
        EXPECT_TRUE(verdict.bids);
        ASSERT_EQ(verdict.reasons.size(), 1U);
        EXPECT_EQ(verdict.reasons[0].filter, Filter::Image);
    }
}

TEST_F(Coordinators, GiveNothingToABidderThatIsLostMeanwhile) {
    for (const auto standing : {Standing::AgentDown, Standing::Unreachable}) {
        lone = LoneCoordinator{};
        meet_all();
        const auto asked = lone.learns(web());
        (void)lone.bids(kBob, asked, {10});
        (void)lone.stands(kBob, standing);
        (void)lone.bids(kSelf, asked, {900});
        const auto given = awards(lone.bids(kAnn, asked, {20}));
        ASSERT_EQ(given.size(), 1U);
        EXPECT_EQ(given[0].to, kAnn);
    }
}

TEST_F(Coordinators, DoNotAskWhoCannotAndSayWhy) {
    auto facts = facts_of("ann");
    facts.draining = true;
    (void)lone.meets(kAnn, facts);
    facts = facts_of("bob");
    facts.runtime = false;
    (void)lone.meets(kBob, facts);
    (void)lone.meets(kCarol, "carol");
    (void)lone.stands(kCarol, Standing::Unreachable);
    (void)lone.stands({0, 9}, Standing::Alive);
    auto spec = web();
    name = spec.name = name_with_rank(0, {kAnn, kBob, {0, 9}});
    spec.constraints = {{"node.labels.gpu", Constraint::Op::Exists, ""}};
    const auto effects = lone.learns(spec);
    EXPECT_TRUE(asked_of(effects).empty());
    const auto sentence = pending(effects);
    EXPECT_EQ(sentence.substr(0, 19), "1 of 1 not placed: ");
    for (const char* part : {"ann drains, lacks node.labels.gpu exists", "bob runs no containers",
                             "carol is unreachable", "self lacks node.labels.gpu exists",
                             "00000000 has not told what it offers yet"}) {
        EXPECT_NE(sentence.find(part), std::string::npos) << part << " in: " << sentence;
    }
    EXPECT_EQ(lone.machine().sentence(name), sentence);
    const auto verdicts = lone.machine().verdicts(name);
    EXPECT_EQ(verdicts.size(), 5U);
}

TEST_F(Coordinators, PassOnTheReasonsOfThoseWhoDecline) {
    (void)lone.meets(kAnn, "ann");
    const auto asked = lone.learns(web());
    (void)lone.declines(kAnn, asked, {Filter::Cpu, 1000, 500, "needs 1000 mCPU, has 500 free"});
    const auto effects = lone.waits(milliseconds{300});
    EXPECT_EQ(pending(effects),
              "1 of 1 not placed: ann needs 1000 mCPU, has 500 free; self has not answered");
    const auto again = lone.waits(milliseconds{100});
    ASSERT_FALSE(asked_of(again).empty());
    (void)lone.declines(kAnn, again, {Filter::Cpu, 1000, 500, "needs 1000 mCPU, has 500 free"});
    EXPECT_EQ(pending(lone.waits(milliseconds{300})), "") << "the same sentence is said once";
}

TEST_F(Coordinators, TryAgainMoreAndMoreSlowlyUntilItFits) {
    int rounds = 0;
    auto effects = lone.learns(web());
    for (int second = 0; second < 120; ++second) {
        for (const auto& request : sent<BidRequest>(effects)) {
            ++rounds;
            (void)lone.hears(kSelf, NoBid{request.request, {{Filter::Cpu, 2, 1, "needs 2 has 1"}}});
        }
        effects = lone.waits(seconds{1});
    }
    EXPECT_GE(rounds, 120 / 6);
    EXPECT_LE(rounds, 60);
    while (asked_of(effects).empty()) {
        effects = lone.waits(milliseconds{100});
    }
    const auto won = lone.bids(kSelf, effects, {1});
    EXPECT_EQ(awards(won).size(), 1U);
    const auto done = all<SlotDecided>(lone.accepts(won));
    ASSERT_FALSE(done.empty());
    EXPECT_EQ(done.back().what, SlotDecided::What::Satisfied);
    EXPECT_EQ(lone.machine().sentence(name), "");
}

// ---- awards under way

TEST_F(Coordinators, SendAnAwardAgainUntilItIsAnswered) {
    meet_all();
    const auto first = awards(market(lone.learns(web())));
    const auto again = awards(lone.waits(seconds{1}));
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].award, first[0].award) << "the same epoch";
    (void)lone.accepts({Send{kBob, first[0].award}});
    EXPECT_TRUE(awards(lone.waits(minutes{1})).empty());
}

TEST_F(Coordinators, RaiseTheEpochOnlyOnceTheTicketIsDead) {
    meet_all();
    (void)market(lone.learns(web()));
    EXPECT_TRUE(asked_of(lone.waits(seconds{5} - milliseconds{1})).empty());
    const auto again = lone.waits(milliseconds{1});
    const auto given = awards(market(again));
    ASSERT_FALSE(given.empty());
    EXPECT_EQ(given[0].award.slots[0].epoch, 2U);
}

TEST_F(Coordinators, RaiseTheEpochAtOnceWhenTheExecutorIsGone) {
    meet_all();
    (void)market(lone.learns(web()));
    const auto again = lone.stands(kBob, Standing::AgentDown);
    EXPECT_EQ(asked_of(again), (std::vector{kAnn, kSelf}));
    EXPECT_EQ(awards(market(again)).at(0).award.slots[0].epoch, 2U);
}

TEST_F(Coordinators, WaitForTheClaimOfWhatWasAccepted) {
    meet_all();
    const auto given = awards(market(lone.learns(web()))).at(0);
    (void)lone.hears(kBob, Awarded{given.award.request, name, {{0, 1, 1}}, {}});
    EXPECT_TRUE(asked_of(lone.waits(seconds{5} - milliseconds{1})).empty());
    EXPECT_FALSE(asked_of(lone.waits(milliseconds{1})).empty()) << "it never appeared";
}

TEST_F(Coordinators, ContinueAboveTheEpochTheyAreToldOf) {
    meet_all();
    auto given = awards(market(lone.learns(web()))).at(0);
    (void)lone.hears(
        kBob, Awarded{given.award.request,
                      name,
                      {},
                      {{.index = 0, .epoch = 1, .why = Refusal::LowerEpoch, .highest_epoch = 41}}});
    given = awards(market(lone.waits(seconds{1}))).at(0);
    EXPECT_EQ(given.award.slots[0].epoch, 42U);
    (void)lone.hears(
        kBob,
        Awarded{
            given.award.request,
            name,
            {},
            {{.index = 0, .epoch = 42, .why = Refusal::LowerEpoch, .highest_epoch = ~Epoch{0}}}});
    given = awards(market(lone.waits(seconds{1}))).at(0);
    EXPECT_EQ(given.award.slots[0].epoch, 43U) << "a hostile answer leaves us room";
}

TEST_F(Coordinators, BelieveTheAnswerOfWhoTheyAwardedOnly) {
    meet_all();
    const auto given = awards(market(lone.learns(web()))).at(0);
    (void)lone.hears(kAnn, Awarded{given.award.request, name, {{0, 1, 1}}, {}});
    EXPECT_FALSE(awards(lone.waits(seconds{1})).empty()) << "still sent again";
}

TEST_F(Coordinators, StartAboveEveryEpochEverSeen) {
    meet_all();
    (void)lone.sees(kAnn, claim_of(web(), 0, 17, ClaimState::Stopped));
    (void)lone.sees_no_more(kAnn, {name, 0}, 17);
    EXPECT_EQ(awards(market(lone.learns(web()))).at(0).award.slots[0].epoch, 18U);
}

// A claim may be any member's invention.
TEST_F(Coordinators, AreLeftWithEpochsWhateverAClaimSays) {
    meet_all();
    (void)lone.sees(kAnn, claim_of(web(), 0, ~Epoch{0}, ClaimState::Stopped));
    const auto given = awards(market(lone.learns(web()))).at(0);
    EXPECT_GT(given.award.slots[0].epoch, 0U);
}

}  // namespace
}  // namespace shoal::placement
