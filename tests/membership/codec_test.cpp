// Messages come back as they were, half of one is an error, and datagrams fit a packet.
#include "membership/codec.h"

#include "tests/support/arbitrary.h"
#include "tests/support/codec.h"

#include <gtest/gtest.h>

#include <rapidcheck.h>

namespace shoal::membership {
namespace {

TEST(MembershipCodec, ReturnsEveryMessageAsItWas) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        tests::for_each_case<Message>(random, [](const Message& message) {
            const auto back = decode_message(encode_message(message));
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == message);
        });
        const auto claim = tests::arbitrary<Claim>(random);
        RC_ASSERT(*decode_claim(encode_claim(claim)) == claim);
    }));
}

TEST(MembershipCodec, AcceptsNoMessageCutShortOrWithMoreBehindIt) {
    Random random{3};
    for (int i = 0; i < 5; ++i) {
        tests::for_each_case<Message>(random, [](const Message& message) {
            tests::expect_only_whole(encode_message(message), decode_message);
        });
        tests::expect_only_whole(encode_claim(tests::arbitrary<Claim>(random)), decode_claim);
    }
}

TEST(MembershipCodec, RefusesAHealthThatDoesNotExist) {
    for (int health = 0; health < 256; ++health) {
        const Claim claim{.about = {0, 1}, .health = static_cast<Health>(health)};
        const auto back = decode_message(encode_message(Gossip{{claim}}));
        EXPECT_EQ(back.has_value(), health <= static_cast<int>(Health::Left)) << health;
    }
}

TEST(MembershipCodec, RefusesWhatIsOverItsLimit) {
    const Claims many(65'537);
    EXPECT_FALSE(decode_message(encode_message(MemberTable{many})).has_value());
    Claim long_winded;
    long_winded.endpoint.ip = std::string(1400, 'x');
    EXPECT_EQ(decode_claim(encode_claim(long_winded)).error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace shoal::membership
