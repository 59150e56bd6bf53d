// Which of several claims of a slot counts: the same everywhere, whatever order they came in.
#include "node/base/random.h"
#include "placement/claim.h"
#include "tests/placement/words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <rapidcheck.h>
#include <span>
#include <utility>

namespace shoal::placement {
namespace {

Held held(std::uint64_t node, Epoch epoch, std::uint64_t template_gen = 1,
          ClaimState state = ClaimState::Healthy) {
    return {{0, node}, claim_of(job(1, template_gen), 0, epoch, state)};
}

Held replacing(Held held, std::uint64_t node, Epoch epoch, ReplaceKind kind) {
    held.claim.replaces = Replaces{{0, node}, epoch, kind};
    return held;
}

// Distinct (node, epoch), as the view holds them.
std::vector<Held> some_claims(Random& random) {
    std::map<std::pair<std::uint64_t, Epoch>, Held> out;
    for (auto left = random.below(8); left > 0; --left) {
        const auto node = random.below(4);
        const auto epoch = 1 + random.below(4);
        auto one = held(node, epoch, random.below(3), static_cast<ClaimState>(random.below(10)));
        if (random.below(2) == 0) one.claim.state = ClaimState::Healthy;
        if (random.below(3) == 0) {
            one = replacing(one, random.below(4), random.below(5),
                            static_cast<ReplaceKind>(random.below(2)));
        }
        out[{node, epoch}] = one;
    }
    std::vector<Held> list;
    for (auto& [key, one] : out) {
        list.push_back(std::move(one));
    }
    return list;
}

TEST(WinnerLaw, IsTheSameInAnyOrder) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        auto claims = some_claims(random);
        const auto policy = static_cast<Reconcile>(random.below(2));
        const auto first = winner(claims, policy);
        random.shuffle(std::span{claims});
        RC_ASSERT(winner(claims, policy) == first);
    }));
}

TEST(WinnerLaw, IsHealthyAndOneOfThoseGiven) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const auto claims = some_claims(random);
        const auto best = winner(claims, Reconcile::Oldest);
        if (!best) return;
        RC_ASSERT(best->claim.state == ClaimState::Healthy);
        RC_ASSERT(std::find(claims.begin(), claims.end(), *best) != claims.end());
    }));
}

TEST(WinnerLaw, DoesNotDependOnClaimsThatLose) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        auto claims = some_claims(random);
        for (Held& one : claims) {
            one.claim.replaces.reset();
        }
        const auto best = winner(claims, Reconcile::Newest);
        if (!best) return;
        std::erase_if(claims,
                      [&](const Held& one) { return !(one == *best) && random.below(2) == 0; });
        RC_ASSERT(winner(claims, Reconcile::Newest) == best);
    }));
}

TEST(Winner, IsNobodyWhenNobodyIsHealthy) {
    EXPECT_FALSE(winner({}, Reconcile::Oldest));
    EXPECT_FALSE(winner({held(1, 1, 1, ClaimState::Starting), held(2, 2, 1, ClaimState::Draining)},
                        Reconcile::Oldest));
}

TEST(Winner, IsOfTheNewestTemplateThenByPolicy) {
    EXPECT_EQ(*winner({held(1, 1, 1), held(2, 5, 2)}, Reconcile::Oldest), held(2, 5, 2));
    EXPECT_EQ(*winner({held(1, 1), held(2, 5)}, Reconcile::Oldest), held(1, 1));
    EXPECT_EQ(*winner({held(1, 1), held(2, 5)}, Reconcile::Newest), held(2, 5));
}

TEST(Winner, OfEqualClaimsIsDrawnByTheSlotAndNotAlwaysTheSameNode) {
    int lower = 0;
    for (std::uint32_t index = 0; index < 100; ++index) {
        auto a = held(1, 1);
        auto b = held(2, 1);
        a.claim.slot.index = b.claim.slot.index = index;
        lower += *winner({a, b}, Reconcile::Oldest) == a ? 1 : 0;
    }
    EXPECT_GT(lower, 25);
    EXPECT_LT(lower, 75);
}

TEST(Winner, IsNotWhoAHealthyClaimHasReplacedAsMoved) {
    const auto moved = replacing(held(2, 2), 1, 1, ReplaceKind::Moved);
    EXPECT_EQ(*winner({held(1, 1), moved}, Reconcile::Oldest), moved);
    auto starting = moved;
    starting.claim.state = ClaimState::Starting;
    EXPECT_EQ(*winner({held(1, 1), starting}, Reconcile::Oldest), held(1, 1)) << "not healthy yet";
    const auto again = replacing(held(3, 3), 2, 2, ReplaceKind::Moved);
    auto between = moved;
    between.claim.state = ClaimState::Draining;
    EXPECT_EQ(*winner({held(1, 1), between, again}, Reconcile::Oldest), again)
        << "also through others";
}

TEST(Winner, MayBeWhoWasOnlyPresumedLost) {
    const auto stand_in = replacing(held(2, 2), 1, 1, ReplaceKind::PresumedLost);
    EXPECT_EQ(*winner({held(1, 1), stand_in}, Reconcile::Oldest), held(1, 1));
    EXPECT_EQ(*winner({held(1, 1), stand_in}, Reconcile::Newest), stand_in);
}

}  // namespace
}  // namespace shoal::placement
