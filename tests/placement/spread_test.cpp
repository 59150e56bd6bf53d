// A job's replicas over zones and labels: a preference, which no price outweighs.
#include "placement/spread.h"

#include "tests/placement/lone_coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace shoal::placement {
namespace {

using ::testing::ElementsAre;

NodeFacts in_zone(const std::string& name, const std::string& zone) {
    auto out = facts_of(name);
    out.zone = zone;
    return out;
}

// Ann and Bob are cheap and stand in one zone, Carol is dear and stands in another.
std::multiset<NodeId> takers(std::vector<std::string> spread, std::uint32_t replicas) {
    LoneCoordinator lone;
    (void)lone.meets(kAnn, in_zone("ann", "z1"));
    (void)lone.meets(kBob, in_zone("bob", "z1"));
    (void)lone.meets(kCarol, in_zone("carol", "z2"));
    auto spec = job(replicas, 1, name_with_rank(0, {kAnn, kBob, kCarol}));
    spec.spread = std::move(spread);
    spec.constraints = {{"node.name", Constraint::Op::NotEquals, "self"}};
    const auto asked = lone.learns(spec);
    Effects out;
    for (const NodeId& node : asked_of(asked)) {
        const std::uint32_t price = node == kCarol ? 900 : 10;
        LoneCoordinator::append(
            out, lone.bids(node, asked, std::vector<std::uint32_t>(replicas, price)));
    }
    std::multiset<NodeId> all;
    for (const auto& given : awards(out)) {
        for (std::size_t i = 0; i < given.award.slots.size(); ++i) {
            all.insert(given.to);
        }
    }
    return all;
}

TEST(Spreads, GoOverZonesBeforePricesCount) {
    EXPECT_EQ(takers({}, 2), (std::multiset<NodeId>{kAnn, kBob}));
    EXPECT_EQ(takers({"node.zone"}, 2).count(kCarol), 1U);
    EXPECT_EQ(takers({"node.zone"}, 4), (std::multiset<NodeId>{kAnn, kBob, kCarol, kCarol}));
}

TEST(Spreads, CountWhatRunsOnPresentNodesAndWhatWasJustTaken) {
    View view{.self = kSelf};
    view.facts[kSelf] = in_zone("self", "z1");
    view.facts[kAnn] = in_zone("ann", "z1");
    view.facts[kAnn].labels["disk"] = "ssd";
    view.facts[kBob] = in_zone("bob", "z2");
    view.see(kMorning, PeerChanged{kAnn, Standing::Alive, false});
    view.see(kMorning, PeerChanged{kBob, Standing::Dead, false});
    auto spec = job(5);
    spec.spread = {"node.zone", "node.labels.disk"};
    view.see(ClaimSeen{kAnn, {spec.name, 0}, 1, claim_of(spec, 0, 1)});
    view.see(ClaimSeen{kBob, {spec.name, 1}, 1, claim_of(spec, 1, 1)});
    Spread spread{view, spec};
    EXPECT_THAT(spread.crowd(kSelf), ElementsAre(1, 0));
    EXPECT_THAT(spread.crowd(kAnn), ElementsAre(1, 1));
    EXPECT_THAT(spread.crowd(kBob), ElementsAre(0, 0)) << "what was there is lost";
    spread.took(kSelf);
    EXPECT_THAT(spread.crowd(kSelf), ElementsAre(2, 1));
    EXPECT_THAT(spread.crowd(kBob), ElementsAre(0, 1)) << "neither has a disk";
}

}  // namespace
}  // namespace shoal::placement
