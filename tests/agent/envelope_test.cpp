// Every message of every plane comes back as it was; nothing else is a message.
#include "node/agent/envelope.h"

#include "tests/support/arbitrary.h"
#include "tests/support/codec.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::agent {
namespace {

constexpr std::size_t kDatagramMax = 1200;

// Prices of a bid never fall; a decoder raises them (architecture 4.3).
void tidy(Message& message) {
    auto* plane = std::get_if<placement::Message>(&message);
    if (plane == nullptr || !std::holds_alternative<placement::Bid>(*plane)) return;
    auto& prices = std::get<placement::Bid>(*plane).prices;
    std::sort(prices.begin(), prices.end());
}

template <class Plane, class Check>
void each(Random& random, const Check& check) {
    tests::for_each_case<Plane>(random, [&](const Plane& drawn) {
        Message message{drawn};
        tidy(message);
        check(message);
    });
}

template <class Check>
void each_of_every_plane(std::uint64_t seed, const Check& check) {
    SCOPED_TRACE(tests::replay(seed));
    Random random{seed};
    each<membership::Message>(random, check);
    each<store::Message>(random, check);
    each<placement::Message>(random, check);
}

TEST(Envelope, BringsEveryMessageBackOnBothChannels) {
    for (const auto seed : tests::seeds(100)) {
        each_of_every_plane(seed, [](const Message& message) {
            const Bytes bytes = encode_message(message);
            const auto on_stream = decode_message(bytes, Channel::Stream);
            ASSERT_TRUE(on_stream.has_value()) << on_stream.error().detail;
            EXPECT_EQ(*on_stream, message);
            const auto in_datagram = decode_message(bytes, Channel::Datagram);
            ASSERT_EQ(in_datagram.has_value(), bytes.size() <= kDatagramMax);
            if (in_datagram) {
                EXPECT_EQ(*in_datagram, message);
            }
        });
    }
}

TEST(Envelope, TakesWholeMessagesOnly) {
    each_of_every_plane(1, [](const Message& message) {
        for (const auto channel : {Channel::Stream, Channel::Datagram}) {
            const Bytes bytes = encode_message(message);
            tests::expect_only_whole(bytes,
                                     [&](ByteView cut) { return decode_message(cut, channel); });
        }
    });
}

TEST(Envelope, IsNeverEmptyNorOfAPlaneNobodyKnows) {
    EXPECT_EQ(decode_message({}, Channel::Stream).error().detail, "an empty message");
    Bytes bytes = encode_message(membership::Message{membership::Nack{{0, 1}, 2}});
    for (unsigned plane = 0; plane < 256; ++plane) {
        bytes[0] = static_cast<std::uint8_t>(plane);
        if (plane >= 1 && plane <= 3) continue;
        const auto message = decode_message(bytes, Channel::Stream);
        ASSERT_FALSE(message.has_value()) << plane;
        EXPECT_EQ(message.error().detail, "a message of an unknown plane");
    }
}

TEST(Envelope, OfADatagramHoldsTwelveHundredBytes) {
    const auto of_size = [](std::size_t size) {
        store::EntryAck ack{.key = std::string(size, 'k'), .version = 1};
        const auto over = encode_message(store::Message{ack}).size() - size;
        ack.key.resize(size - over);
        return encode_message(store::Message{ack});
    };
    ASSERT_EQ(of_size(kDatagramMax).size(), kDatagramMax);
    EXPECT_TRUE(decode_message(of_size(kDatagramMax), Channel::Datagram).has_value());
    const auto larger = decode_message(of_size(kDatagramMax + 1), Channel::Datagram);
    ASSERT_FALSE(larger.has_value());
    EXPECT_EQ(larger.error().code, Errc::TooLarge);
    EXPECT_TRUE(decode_message(of_size(kDatagramMax + 1), Channel::Stream).has_value());
}

TEST(Envelope, OfAStreamHoldsAMebibyte) {
    const store::EntryAck ack{.key = std::string(std::size_t{1} << 20U, 'k'), .version = 1};
    const auto message = decode_message(encode_message(store::Message{ack}), Channel::Stream);
    ASSERT_FALSE(message.has_value());
    EXPECT_EQ(message.error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace shoal::agent
