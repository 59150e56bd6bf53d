// Claims merge like a join: whatever the order and the repetition, one roster.
#include "membership/roster.h"

#include "node/base/random.h"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <span>

namespace shoal::membership {
namespace {

constexpr Instant kNow{std::chrono::hours{1}};

Claim some_claim(Random& random) {
    return {.about = {0, random.below(4)},
            .incarnation = random.below(4),
            .health = static_cast<Health>(random.below(5)),
            .boot = random.below(3),
            .endpoint = {"10.0.0." + std::to_string(random.below(3)), 7373}};
}

std::vector<Claim> some_claims(Random& random) {
    std::vector<Claim> out;
    for (auto left = 1 + random.below(30); left > 0; --left) {
        out.push_back(some_claim(random));
    }
    return out;
}

Roster roster_of(const std::vector<Claim>& claims) {
    Roster out{100};
    for (const Claim& one : claims) {
        (void)out.merge(one, kNow);
    }
    return out;
}

std::vector<Claim> claims_of(const Roster& roster) {
    std::vector<Claim> out;
    for (const Entry& entry : roster.entries()) {
        out.push_back(entry.claim);
    }
    return out;
}

TEST(RosterLaw, OrderAndRepetitionDoNotMatter) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        auto claims = some_claims(random);
        const Roster once = roster_of(claims);
        for (auto copies = random.below(5); copies > 0; --copies) {
            claims.push_back(claims[random.below(claims.size())]);
        }
        random.shuffle(std::span{claims});
        const Roster again = roster_of(claims);
        RC_ASSERT(claims_of(again) == claims_of(once));
        RC_ASSERT(again.fingerprint() == once.fingerprint());
        RC_ASSERT(again.staying() == once.staying());
    }));
}

TEST(RosterLaw, MergingTablesIsCommutativeAssociativeAndIdempotent) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const auto join = [](const Roster& a, const Roster& b) {
            Roster out = a;
            for (const Claim& one : claims_of(b)) {
                (void)out.merge(one, kNow);
            }
            return out;
        };
        const Roster a = roster_of(some_claims(random));
        const Roster b = roster_of(some_claims(random));
        const Roster c = roster_of(some_claims(random));
        RC_ASSERT(claims_of(join(a, b)) == claims_of(join(b, a)));
        RC_ASSERT(claims_of(join(join(a, b), c)) == claims_of(join(a, join(b, c))));
        RC_ASSERT(claims_of(join(a, a)) == claims_of(a));
    }));
}

TEST(RosterLaw, OneOfTwoDifferentClaimsOutranksTheOther) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        auto a = some_claim(random);
        auto b = some_claim(random);
        b.about = a.about;
        RC_ASSERT(!outranks(a, a));
        RC_ASSERT((a == b) == (!outranks(a, b) && !outranks(b, a)));
        RC_ASSERT(!(outranks(a, b) && outranks(b, a)));
    }));
}

TEST(Roster, FollowsTheOrderOfClaims) {
    const NodeId ann{0, 1};
    const auto of = [&](Incarnation incarnation, Health health) {
        return Claim{.about = ann, .incarnation = incarnation, .health = health};
    };

    const struct {
        Claim higher;
        Claim lower;
        const char* why;
    } cases[] = {
        {of(1, Health::Suspect), of(1, Health::Alive), "an accusation stands until refuted"},
        {of(1, Health::AgentDown), of(1, Health::Suspect), "within an incarnation by rank"},
        {of(1, Health::Dead), of(1, Health::AgentDown), "within an incarnation by rank"},
        {of(1, Health::Left), of(1, Health::Dead), "who left has left"},
        {of(2, Health::Alive), of(1, Health::Left), "a higher incarnation beats everything"},
    };

    for (const auto& c : cases) {
        EXPECT_TRUE(outranks(c.higher, c.lower)) << c.why;
        EXPECT_FALSE(outranks(c.lower, c.higher)) << c.why;
    }
}

TEST(Roster, TiesAFindingToTheIncarnationItWasMadeAbout) {
    const NodeId ann{0, 1};
    Roster roster{10};
    (void)roster.merge({.about = ann, .incarnation = 1}, kNow);
    roster.find(ann)->finding = Finding::Refused;
    roster.find(ann)->announced = true;
    EXPECT_EQ(standing_of(*roster.find(ann)), Standing::AgentDown);
    (void)roster.merge({.about = ann, .incarnation = 1, .health = Health::Suspect}, kNow);
    EXPECT_EQ(standing_of(*roster.find(ann)), Standing::AgentDown) << "first-hand is better";
    (void)roster.merge({.about = ann, .incarnation = 2}, kNow);
    EXPECT_EQ(standing_of(*roster.find(ann)), Standing::Alive);
    EXPECT_FALSE(roster.find(ann)->announced);
}

TEST(Roster, RemembersNoMoreThanItsLimit) {
    Roster roster{3};
    for (std::uint64_t i = 1; i <= 5; ++i) {
        const auto merged = roster.merge({.about = {0, i}, .incarnation = 1}, kNow);
        EXPECT_EQ(merged, i <= 3 ? Roster::Merged::Added : Roster::Merged::Nothing);
    }
    EXPECT_EQ(roster.entries().size(), 3U);
    EXPECT_EQ(roster.merge({.about = {0, 2}, .incarnation = 2}, kNow), Roster::Merged::Changed)
        << "who is known may still change";
}

TEST(Roster, CountsAllButThoseWhoLeft) {
    Roster roster{10};
    (void)roster.merge({.about = {0, 1}, .incarnation = 1}, kNow);
    (void)roster.merge({.about = {0, 2}, .incarnation = 1, .health = Health::Left}, kNow);
    EXPECT_EQ(roster.staying(), 1U);
    (void)roster.merge({.about = {0, 1}, .incarnation = 1, .health = Health::Left}, kNow);
    EXPECT_EQ(roster.staying(), 0U);
    (void)roster.merge({.about = {0, 2}, .incarnation = 2}, kNow);
    EXPECT_EQ(roster.staying(), 1U) << "a leaver came back";
}

}  // namespace
}  // namespace shoal::membership
