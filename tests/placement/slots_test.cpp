// Which slots a job has, and how a global one gets a replica to each node.
#include "placement/slots.h"

#include "tests/placement/lone_coordinator.h"
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::placement {
namespace {

JobSpec global(std::uint64_t template_gen = 1, const std::string& name = "logs") {
    auto out = job(1, template_gen, name);
    out.global = true;
    return out;
}

std::vector<NodeId> owners(const View& view, const JobSpec& spec) {
    std::vector<NodeId> out;
    for (const auto& slot : wanted_slots(view, spec)) {
        EXPECT_EQ(slot.index, slot_of(slot.node.value()));
        out.push_back(*slot.node);
    }
    return out;
}

TEST(Slots, AreCountedFromNought) {
    const auto slots = wanted_slots(View{.self = kSelf}, job(3));
    ASSERT_EQ(slots.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(slots[i].index, i);
        EXPECT_FALSE(slots[i].node);
    }
    EXPECT_TRUE(may_have(job(3), 2, kAnn));
    EXPECT_FALSE(may_have(job(3), 3, kAnn));
}

TEST(Slots, OfAGlobalJobAreOfTheNodesThatCouldRunIt) {
    View view{.self = kSelf};
    view.facts[kSelf] = facts_of("zoe");
    view.facts[kAnn] = facts_of("ann");
    view.facts[kBob] = facts_of("bob");
    view.facts[kCarol] = facts_of("carol");
    for (const auto& node : {kAnn, kBob, kCarol}) {
        view.see(kMorning, PeerChanged{node, Standing::Alive, false});
    }
    EXPECT_EQ(owners(view, global()), (std::vector{kAnn, kBob, kCarol, kSelf}));
    view.facts[kAnn].draining = true;
    view.facts[kBob].runtime = false;
    view.see(kMorning, PeerChanged{kCarol, Standing::Unreachable, false});
    EXPECT_EQ(owners(view, global()), (std::vector{kSelf}));
    auto bound = global();
    bound.constraints = {{"node.zone", Constraint::Op::NotEquals, "z1"}};
    EXPECT_TRUE(owners(view, bound).empty());
    EXPECT_TRUE(may_have(global(), slot_of(kAnn), kAnn));
    EXPECT_FALSE(may_have(global(), slot_of(kAnn), kBob));
    EXPECT_FALSE(may_have(global(), 0, kAnn));
    EXPECT_EQ(shown(view, global(), slot_of(kAnn)), "logs on ann");
}

TEST(Slots, OfOneNodeAreClaimedByNoOther) {
    View view{.self = kSelf};
    auto claim = claim_of(global(), slot_of(kAnn), 1);
    view.see(ClaimSeen{kBob, claim.slot, 1, claim});
    EXPECT_TRUE(view.claims.empty());
    view.see(ClaimSeen{kAnn, claim.slot, 1, claim});
    EXPECT_EQ(view.claims.size(), 1U);
}

TEST(Slots, OfAGlobalJobShareNoVolume) {
    auto spec = global();
    spec.container.mounts = {{.source = "data", .target = "/data"}};
    EXPECT_TRUE(validate(spec));
    spec.container.mounts[0].shared = true;
    EXPECT_NE(validate(spec).error().detail.find("volume 'data' is shared"), std::string::npos);
}

struct Global : testing::Test {
    Global() : name(name_with_rank(0, {kAnn, kBob, kCarol})) {}

    // Everybody who is asked offers a place.
    std::vector<Given> placed(const Effects& asked) {
        Effects out;
        for (const NodeId& node : asked_of(asked)) {
            LoneCoordinator::append(out, lone.bids(node, asked, {node.low == 2 ? 1U : 500U, 600U}));
        }
        const auto won = awards(out);
        (void)lone.accepts(out);
        return won;
    }

    std::string name;
    LoneCoordinator lone;
};

TEST_F(Global, JobsGetOneReplicaToEachNodeAlsoToThoseThatJoin) {
    (void)lone.meets(kAnn, "ann");
    (void)lone.meets(kBob, "bob");
    const auto won = placed(lone.learns(global(1, name)));
    ASSERT_EQ(won.size(), 3U);
    for (const Given& send : won) {
        const auto& award = send.award;
        ASSERT_EQ(award.slots.size(), 1U) << "the cheapest does not get all";
        EXPECT_EQ(award.slots[0].index, slot_of(send.to));
    }
    const auto joined = placed(lone.meets(kCarol, "carol"));
    ASSERT_EQ(joined.size(), 1U);
    EXPECT_EQ(joined[0].to, kCarol);
}

TEST_F(Global, JobsAreNotReplacedElsewhere) {
    (void)lone.meets(kAnn, "ann");
    (void)placed(lone.learns(global(1, name)));
    EXPECT_TRUE(asked_of(lone.stands(kAnn, Standing::Dead)).empty());
    EXPECT_TRUE(asked_of(lone.waits(minutes{5})).empty());
    EXPECT_EQ(lone.machine().sentence(name), "");
    EXPECT_TRUE(asked_of(lone.stands(kAnn, Standing::Alive)).empty()) << "it still runs there";
}

TEST_F(Global, JobsAreReplacedOnTheirNodes) {
    (void)lone.meets(kAnn, "ann");
    (void)placed(lone.learns(global(1, name)));
    const auto asked = lone.learns(global(2, name), 2);
    EXPECT_EQ(asked_of(asked).size(), 1U) << "one at a time, and whose it is";
    EXPECT_FALSE(sent<BidRequest>(asked).at(0).instead) << "beside the one that runs";
    const auto won = placed(asked);
    ASSERT_EQ(won.size(), 1U);
    const auto& slot = won[0].award.slots.at(0);
    EXPECT_EQ(slot.index, slot_of(won[0].to));
    EXPECT_EQ(slot.replaces->node, won[0].to);
}

struct GlobalHere : testing::Test {
    GlobalHere() { (void)lone.starts(); }

    LoneExecutor lone;
    const std::uint32_t ours = slot_of(kSelf);
};

TEST_F(GlobalHere, SlotsOfOthersAreRefused) {
    const auto refused = sent<Awarded>(lone.takes(global(), {{slot_of(kAnn), 1, {}}})).at(0);
    EXPECT_EQ(refused.refused.at(0).why, Refusal::StaleSpec);
    EXPECT_EQ(sent<Awarded>(lone.takes(global(), {{ours, 1, {}}})).at(0).accepted.size(), 1U);
}

TEST_F(GlobalHere, JobsGoWhereTheyAreNotMeantToBeAnyMore) {
    const auto id = lone.runs(global(), ours);
    EXPECT_TRUE(all<StopContainer>(lone.learns(global())).empty());
    auto elsewhere = global();
    elsewhere.constraints = {{"node.zone", Constraint::Op::Equals, "z2"}};
    const auto stopped = all<StopContainer>(lone.learns(elsewhere, 2));
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].id, id);
    EXPECT_EQ(stopped[0].reason, StopReason::ConstraintBroken);
}

TEST_F(GlobalHere, JobsThatBecomeGlobalLeaveTheirOldSlots) {
    (void)lone.runs(job(1, 1, "logs"));
    const auto stopped = all<StopContainer>(lone.learns(global(), 2));
    ASSERT_EQ(stopped.size(), 1U);
    EXPECT_EQ(stopped[0].reason, StopReason::ScaledDown);
}

}  // namespace
}  // namespace shoal::placement
