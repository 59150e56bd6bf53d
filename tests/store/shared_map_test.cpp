// The shared map is a join: whatever the order, the repetition and the path, one state.
#include "store/shared_map.h"

#include "node/base/random.h"

#include <gtest/gtest.h>

#include <map>
#include <rapidcheck.h>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace shoal::store {
namespace {

const std::string kKey = "kv/a";

// The body and the parent are functions of the other fields, as they are of any honest author.
Version version(std::uint64_t gen, std::uint64_t submission, std::uint64_t author = 1,
                std::int64_t wall = 0, bool tombstone = false) {
    Version out{.gen = gen,
                .tombstone = tombstone,
                .wall = {wall},
                .author = {0, author},
                .submission = {0, submission}};
    if (!tombstone) out.body = to_blob("body " + std::to_string(submission));
    return out;
}

std::vector<Version> some_versions(Random& random, std::size_t count) {
    std::vector<Version> out;
    for (std::size_t i = 0; i < count; ++i) {
        // Few submissions, so that twins (one submission, accepted twice) are common.
        out.push_back(version(1 + random.below(6), random.below(count), random.below(3),
                              static_cast<std::int64_t>(random.below(3)), random.below(8) == 0));
    }
    return out;
}

SharedMap map_of(const std::vector<Version>& versions) {
    SharedMap out;
    for (const Version& one : versions) {
        (void)out.merge(kKey, one);
    }
    return out;
}

void merge_into(SharedMap& into, const SharedMap& from) {
    for (const auto& [key, held] : from.all()) {
        for (const auto& [id, one] : held.versions) {
            (void)into.merge(key, one);
        }
    }
}

void expect_equal(const SharedMap& a, const SharedMap& b) {
    RC_ASSERT(a.all().size() == b.all().size());
    for (const auto& [key, held] : a.all()) {
        RC_ASSERT(b.held(key) != nullptr);
        RC_ASSERT(held.versions == b.held(key)->versions);
        RC_ASSERT(held.winner == b.held(key)->winner);
        RC_ASSERT(held.hash == b.held(key)->hash);
        RC_ASSERT(a.conflict(key) == b.conflict(key));
    }
    RC_ASSERT(a.fingerprint() == b.fingerprint());
}

Random drawn() {
    return Random{*rc::gen::arbitrary<std::uint64_t>()};
}

// Above and below the number of versions that is kept.
std::size_t some_count(Random& random) {
    return random.below(2) == 0 ? random.below(8) : random.below(3 * kVersionsKeptMax);
}

TEST(SharedMapLaw, OrderAndRepetitionDoNotMatter) {
    EXPECT_TRUE(rc::check([] {
        Random random = drawn();
        auto versions = some_versions(random, 1 + some_count(random));
        const SharedMap once = map_of(versions);
        for (std::size_t i = 0; i < 5; ++i) {
            versions.push_back(versions[random.below(versions.size())]);
        }
        random.shuffle(std::span{versions});
        expect_equal(once, map_of(versions));
    }));
}

TEST(SharedMapLaw, MergingStatesIsCommutativeAssociativeAndIdempotent) {
    EXPECT_TRUE(rc::check([] {
        Random random = drawn();
        const auto every = some_versions(random, 3 + some_count(random));
        std::vector<std::vector<Version>> parts(3);
        for (const Version& one : every) {
            parts[random.below(3)].push_back(one);
        }
        const SharedMap a = map_of(parts[0]);
        const SharedMap b = map_of(parts[1]);
        const SharedMap c = map_of(parts[2]);
        SharedMap left = a;
        merge_into(left, b);
        SharedMap other = b;
        merge_into(other, a);
        expect_equal(left, other);
        merge_into(left, c);
        SharedMap bc = b;
        merge_into(bc, c);
        SharedMap right = a;
        merge_into(right, bc);
        expect_equal(left, right);
        merge_into(right, left);
        expect_equal(left, right);
    }));
}

TEST(SharedMapLaw, TheHighestVersionWinsAndHistoryIsBounded) {
    EXPECT_TRUE(rc::check([] {
        Random random = drawn();
        const auto versions = some_versions(random, 1 + some_count(random));
        const SharedMap map = map_of(versions);
        for (const Version& one : versions) {
            RC_ASSERT(!(precedence(one, *map.find(kKey)) > 0));
        }
        RC_ASSERT(map.held(kKey)->versions.size() <= kVersionsKeptMax + 1);
    }));
}

// A map in which every version of every key is kept apart: the dumb twin.
TEST(SharedMapLaw, EqualFingerprintsMeanEqualVersions) {
    EXPECT_TRUE(rc::check([] {
        Random random = drawn();
        const auto versions = some_versions(random, 1 + random.below(10));
        SharedMap a;
        SharedMap b;
        std::map<VersionId, Version> in_a;
        std::map<VersionId, Version> in_b;
        const auto put = [](SharedMap& map, std::map<VersionId, Version>& dumb,
                            const Version& one) {
            (void)map.merge(kKey, one);
            auto& known = dumb[version_id(kKey, one)];
            if (precedence(one, known) > 0) known = one;
        };
        for (const Version& one : versions) {
            if (random.below(4) > 0) put(a, in_a, one);
            if (random.below(4) > 0) put(b, in_b, one);
        }
        RC_ASSERT((a.fingerprint() == b.fingerprint()) == (in_a == in_b));
    }));
}

TEST(SharedMap, SettlesTiesByDeleteThenWallThenAuthorThenSubmission) {
    const struct {
        Version higher;
        Version lower;
        const char* why;
    } cases[] = {
        {version(3, 1), version(2, 2, 9, 9, true), "a later generation beats everything"},
        {version(2, 1, 1, 0, true), version(2, 2, 9, 9), "at equal generation delete beats edit"},
        {version(2, 1, 1, 5), version(2, 2, 9, 4), "then the later wall clock"},
        {version(2, 1, 5, 5), version(2, 2, 4, 5), "then the higher author"},
        {version(2, 6, 5, 5), version(2, 5, 5, 5), "then the higher submission"},
    };

    for (const auto& c : cases) {
        EXPECT_TRUE(precedence(c.higher, c.lower) > 0) << c.why;
        EXPECT_EQ(*map_of({c.higher, c.lower}).find(kKey), c.higher) << c.why;
        EXPECT_EQ(*map_of({c.lower, c.higher}).find(kKey), c.higher) << c.why;
    }
}

TEST(SharedMap, TakesOneSubmissionForOneVersionWhoeverAcceptedIt) {
    const auto first = version(1, 7, 1);
    const auto retried = version(1, 7, 2);
    EXPECT_EQ(version_id(kKey, first), version_id(kKey, retried));
    EXPECT_NE(version_id(kKey, first), version_id("kv/b", first)) << "per key";
    SharedMap map = map_of({first, retried});
    EXPECT_EQ(map.held(kKey)->versions.size(), 1U);
    EXPECT_FALSE(map.conflict(kKey)) << "a retry conflicts with nobody";
    EXPECT_EQ(map.find(kKey)->author, (NodeId{0, 2}));
}

// Seed 936 of EqualFingerprintsMeanEqualVersions: anti-entropy would never have told them apart.
TEST(SharedMap, TellsAnEditFromADeleteUnderOneSubmission) {
    const auto edit = version(1, 7);
    const auto removal = version(1, 7, 1, 0, true);
    EXPECT_NE(map_of({edit}).fingerprint(), map_of({removal}).fingerprint());
    EXPECT_EQ(map_of({edit, removal}).fingerprint(), map_of({removal, edit}).fingerprint());
}

TEST(SharedMap, ShowsAConflictUntilAWriterHasSeenBoth) {
    const auto ours = version(1, 1);
    const auto theirs = version(1, 2, 2);
    SharedMap map = map_of({ours});
    EXPECT_FALSE(map.conflict(kKey));
    const auto merged = map.merge(kKey, theirs);
    EXPECT_TRUE(merged.conflict_changed);
    EXPECT_TRUE(map.conflict(kKey));
    ASSERT_EQ(map.conflicting(kKey).size(), 1U);
    EXPECT_EQ(map.conflicting(kKey).front(), ours) << "the one that lost";
}

TEST(SharedMap, SeesNoConflictInAChainOfEdits) {
    auto first = version(1, 1);
    auto second = version(2, 2, 2);
    second.parent = version_id(kKey, first);
    auto third = version(3, 3, 3);
    third.parent = version_id(kKey, second);
    EXPECT_FALSE(map_of({third, first, second}).conflict(kKey));
    auto aside = version(2, 4, 4);
    aside.parent = version_id(kKey, first);
    EXPECT_TRUE(map_of({third, first, second, aside}).conflict(kKey))
        << "a concurrent edit is shown although its generation lost";
}

TEST(SharedMap, AcceptsAnEntryBeforeItsAncestors) {
    auto first = version(1, 1);
    auto second = version(2, 2);
    second.parent = version_id(kKey, first);
    SharedMap map = map_of({second});
    EXPECT_EQ(*map.find(kKey), second);
    const auto merged = map.merge(kKey, first);
    EXPECT_TRUE(merged.stored);
    EXPECT_FALSE(merged.winner_changed);
    EXPECT_FALSE(map.conflict(kKey));
}

TEST(SharedMap, DropsTheLowestAndSaysWhich) {
    SharedMap map;
    for (std::uint64_t gen = 1; gen <= kVersionsKeptMax + 1; ++gen) {
        EXPECT_TRUE(map.merge(kKey, version(gen + 1, gen)).dropped.empty());
    }
    const auto merged = map.merge(kKey, version(100, 100));
    EXPECT_EQ(merged.dropped, std::vector{version_id(kKey, version(2, 1))});
    const auto before = map.fingerprint();
    const auto too_old = map.merge(kKey, version(1, 200));
    EXPECT_FALSE(too_old.stored);
    EXPECT_FALSE(too_old.winner_changed);
    EXPECT_EQ(map.fingerprint(), before);
}

TEST(SharedMap, ReportsPositionsThatDifferExactlyWhereKeysDo) {
    SharedMap a;
    SharedMap b;
    for (std::uint64_t i = 0; i < 5; ++i) {
        (void)a.merge("kv/" + std::to_string(i), version(1, i));
        (void)b.merge("kv/" + std::to_string(i), version(i == 3 ? 2 : 1, i));
    }
    const auto of_a = a.positions();
    const auto of_b = b.positions();
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(of_a[i].key, of_b[i].key);
        EXPECT_EQ(of_a[i] == of_b[i], i != 3);
    }
}

}  // namespace
}  // namespace shoal::store
