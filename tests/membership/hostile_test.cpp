// A disk that went bad, and members that say more than any honest one has reason to.
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

namespace shoal::membership {
namespace {

std::uint64_t reserved_on(tests::Disk& disk) {
    std::uint64_t out = 0;
    for (const Row& row : disk.rows()) {
        if (row.table != Table::Meta) continue;
        for (const auto byte : row.value->view()) {
            out = (out << 8U) | byte;
        }
    }
    return out;
}

Claim accusation(Incarnation incarnation) {
    return {kSelf, incarnation, Health::Suspect, kOurBoot, at(kSelf)};
}

// Each accusation asks for a block; the second comes before the first is on disk.
TEST(HostileAccuser, MakesNobodySpeakAboveWhatIsReserved) {
    Lone lone;
    (void)lone.starts();
    const auto first = lone.hears(kAnn, Gossip{{accusation(10'000)}});
    EXPECT_EQ(all<Persist>(first).size(), 1U);
    const auto second = lone.hears(kAnn, Gossip{{accusation(90'000)}});
    EXPECT_FALSE(has<Persist>(second));
    const auto more = lone.synced(first);
    EXPECT_LE(lone.machine().incarnation(), reserved_on(lone.disk()));
    EXPECT_EQ(all<Persist>(more).size(), 1U) << "the block was too small";
    (void)lone.synced(more);
    EXPECT_EQ(lone.machine().incarnation(), 90'001U);
    EXPECT_LE(lone.machine().incarnation(), reserved_on(lone.disk()));
}

TEST(SpoiltDisk, GivesBackOnlyMembersThatMayBeBelieved) {
    const auto row = [](const Claim& claim) {
        return Row{Table::Members, std::to_string(claim.about.low), Blob{encode_claim(claim)}};
    };
    Claim far = claim({0, 7});
    far.endpoint.ip = std::string(200, 'x');
    tests::Disk disk;
    disk.write({row(claim(kAnn)), row(claim(kBob, Health::Dead)), row(far), row(claim(NodeId{})),
                row(claim(kCarol, Health::Alive, kIncarnationMax + 1)),
                Row{Table::Members, "torn", to_blob("\x95\xc4")}});
    Lone lone{disk};
    (void)lone.starts();
    EXPECT_EQ(lone.machine().members().size(), 2U);
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
}

TEST(SpoiltDisk, DoesNotSayWhichIncarnationWeHad) {
    for (const Bytes& bytes : {Bytes(8, 0xFF), Bytes(9, 1), Bytes{1, 2}, Bytes{}}) {
        tests::Disk disk;
        disk.write({{Table::Meta, "membership/incarnation", Blob{bytes}}});
        Lone lone{disk};
        (void)lone.starts();
        EXPECT_EQ(lone.machine().incarnation(), 1U);
        EXPECT_LE(lone.machine().incarnation(), reserved_on(lone.disk()));
    }
}

// At the limits of what may be remembered, a table must still arrive.
TEST(Frame, HoldsATableOfAllThatMayBeRemembered) {
    Claim longest{.about = {~std::uint64_t{0}, ~std::uint64_t{0}},
                  .incarnation = kIncarnationMax,
                  .boot = ~std::uint64_t{0},
                  .endpoint = {std::string(kIpBytesMax, 'f'), 65535}};
    ASSERT_TRUE(admissible(longest));
    const MemberTable table{Claims(Config{}.members_max + 1, longest)};
    EXPECT_TRUE(decode_message(encode_message(table)).has_value());
    longest.endpoint.ip += "f";
    EXPECT_FALSE(admissible(longest));
}

}  // namespace
}  // namespace shoal::membership
