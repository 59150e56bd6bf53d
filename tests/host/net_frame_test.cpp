#include "node/host/identity/sodium_signer.h"
#include "node/host/net/frame.h"
#include "node/host/net/hello.h"
#include "node/host/net/intro.h"

#include <gtest/gtest.h>

namespace shoal::host {
namespace {

Secret key_of(std::uint8_t seed) {
    const Bytes bytes(32, seed);
    return Secret{ByteView{bytes}};
}

SodiumSigner signer_of(std::uint8_t seed) {
    return *SodiumSigner::from_seed(key_of(seed));
}

Bytes rest_of(const Bytes& frame) {
    return {frame.begin() + kFrameHead, frame.end()};
}

class FramesTest : public ::testing::Test {
protected:
    Bytes sealed(const std::string& text) {
        Bytes out;
        sender.seal(FrameType::Data, to_bytes(text), out);
        return rest_of(out);
    }

    const TransportKey key{key_of(1)};
    const SessionId session{1, 2, 3};
    FrameSeal sender{key, session, Direction::FromCaller};
    FrameSeal receiver{key, session, Direction::FromCaller};
};

TEST_F(FramesTest, OpenInTheOrderTheyWereSealed) {
    const auto one = sealed("one");
    const auto two = sealed("two");
    EXPECT_EQ(receiver.open(one), (Frame{FrameType::Data, to_bytes("one")}));
    EXPECT_EQ(receiver.open(two), (Frame{FrameType::Data, to_bytes("two")}));
}

TEST_F(FramesTest, DoNotOpenTwice) {
    const auto one = sealed("one");
    ASSERT_TRUE(receiver.open(one));
    EXPECT_FALSE(receiver.open(one));
}

TEST_F(FramesTest, DoNotOpenWhenOneIsLeftOut) {
    (void)sealed("one");
    EXPECT_FALSE(receiver.open(sealed("two")));
}

TEST_F(FramesTest, DoNotOpenInTheOtherDirection) {
    FrameSeal other{key, session, Direction::FromAnswerer};
    EXPECT_FALSE(other.open(sealed("one")));
}

TEST_F(FramesTest, DoNotOpenOnAnotherConnection) {
    FrameSeal other{key, {9, 9, 9}, Direction::FromCaller};
    EXPECT_FALSE(other.open(sealed("one")));
}

TEST_F(FramesTest, DoNotOpenWithAnyBitChanged) {
    const auto one = sealed("one");
    for (std::size_t i = 0; i < one.size() * 8; ++i) {
        Bytes changed = one;
        changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1U << (i % 8)));
        EXPECT_FALSE(receiver.open(changed)) << "bit " << i;
    }
    EXPECT_TRUE(receiver.open(one)) << "a failure must not spend the counter";
}

TEST_F(FramesTest, DoNotOpenCutShort) {
    const auto one = sealed("one");
    for (std::size_t size = 0; size < one.size(); ++size) {
        EXPECT_FALSE(receiver.open(ByteView{one}.first(size))) << size;
    }
}

TEST(FrameLength, IsBoundedBeforeAnythingIsReserved) {
    EXPECT_EQ(frame_length({0, 0, 0, kFrameOverhead}, 512), kFrameOverhead);
    EXPECT_EQ(frame_length({0, 0, 2, 0}, 512), 512U);
    EXPECT_EQ(frame_length({0, 0, 2, 1}, 512).error().code, Errc::TooLarge);
    EXPECT_EQ(frame_length({0xFF, 0xFF, 0xFF, 0xFF}, 512).error().code, Errc::TooLarge);
    EXPECT_EQ(frame_length({0, 0, 0, kFrameOverhead - 1}, 512).error().code, Errc::Malformed);
    EXPECT_EQ(frame_length({0, 0, 0, 0}, 512).error().code, Errc::Malformed);
}

class HelloTest : public ::testing::Test {
protected:
    HelloReply answer(const HelloBytes& call) {
        return answer_call(call, *parse_hello(call), cluster, kProto, keys);
    }

    const ClusterId cluster{1, 2};
    const ClusterKeyRing keys{key_of(1)};
    const ClusterKeyRing others{key_of(2)};
};

TEST_F(HelloTest, IsAnsweredByAHolderOfTheKey) {
    const auto call = make_call(cluster, kProto, keys.key_for({}));
    const auto reply = answer(call);
    EXPECT_EQ(reply.reject, Reject::None);
    EXPECT_TRUE(answer_is_genuine(call, reply.bytes, *keys.key_for({}).key));
}

TEST_F(HelloTest, IsNotFooledByAnAnswerToAnotherCall) {
    const auto call = make_call(cluster, kProto, keys.key_for({}));
    const auto reply = answer(make_call(cluster, kProto, keys.key_for({})));
    EXPECT_FALSE(answer_is_genuine(call, reply.bytes, *keys.key_for({}).key));
}

TEST_F(HelloTest, IsNotFooledByAnAnswerUnderAnotherKey) {
    const auto call = make_call(cluster, kProto, others.key_for({}));
    const auto reply = answer_call(call, *parse_hello(call), cluster, kProto, others);
    EXPECT_FALSE(answer_is_genuine(call, reply.bytes, *keys.key_for({}).key));
}

TEST_F(HelloTest, TellsAnotherKeyFromAnotherCluster) {
    EXPECT_EQ(answer(make_call(cluster, kProto, others.key_for({}))).reject, Reject::WrongKey);
    EXPECT_EQ(answer(make_call({7, 7}, kProto, keys.key_for({}))).reject, Reject::WrongCluster);
    EXPECT_EQ(answer(make_call(cluster, {2, 3}, keys.key_for({}))).reject, Reject::ProtoTooNew);
    EXPECT_EQ(answer(make_call(cluster, {0, 0}, keys.key_for({}))).reject, Reject::ProtoTooOld);
}

TEST_F(HelloTest, DoesNotPassWithAnyBitChanged) {
    const auto call = make_call(cluster, kProto, keys.key_for({}));
    for (std::size_t i = 0; i < call.size() * 8; ++i) {
        HelloBytes changed = call;
        changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1U << (i % 8)));
        const auto parsed = parse_hello(changed);
        if (!parsed || parsed->kind != HelloKind::Call) continue;
        EXPECT_NE(answer_call(changed, *parsed, cluster, kProto, keys).reject, Reject::None) << i;
    }
}

TEST_F(HelloTest, NamesNeitherClusterNorKeyInClear) {
    const auto call = make_call(cluster, kProto, keys.key_for({}));
    const auto id = to_bytes(cluster);
    EXPECT_EQ(to_text(call).find(to_text(ByteView{id}.first(8))), std::string::npos);
}

TEST_F(HelloTest, ReadsBackWhatItWrote) {
    const Hello hello{HelloKind::Rejection, {1, 4}, Reject::Busy, 9, {1}, {2}, {3}};
    EXPECT_EQ(parse_hello(encode_hello(hello)), hello);
}

TEST_F(HelloTest, RefusesWhatIsNoGreeting) {
    const auto good = encode_hello({HelloKind::Call, {1, 1}, Reject::None, 0, {}, {}, {}});

    struct Case {
        const char* why;
        std::size_t at;
        std::uint8_t value;
    };

    for (const auto& c : std::vector<Case>{{"magic", 0, 'x'},
                                           {"version of the greeting", 3, 2},
                                           {"kind", 4, 3},
                                           {"range upside down", 5, 2},
                                           {"reject code", 7, 6}}) {
        auto bytes = good;
        bytes.at(c.at) = c.value;
        EXPECT_FALSE(parse_hello(bytes)) << c.why;
    }
    EXPECT_FALSE(parse_hello(ByteView{good}.first(kHelloBytes - 1)));
    EXPECT_FALSE(parse_hello({}));
}

TEST(Introduction, ProvesWhoSpeaks) {
    const auto signer = signer_of(1);
    const SessionId session{1};
    const Intro intro{Purpose::Relay, kHeardDatagrams, 77, {5, 6}, {}};
    const auto bytes = encode_intro(intro, session, Direction::FromCaller, signer);
    const auto read = decode_intro(bytes, session, Direction::FromCaller, signer_of(2));
    Intro expected = intro;
    expected.from = signer.id();
    EXPECT_EQ(read, expected);
}

TEST(Introduction, HoldsOnlyOnItsConnectionAndInItsDirection) {
    const auto signer = signer_of(1);
    const auto bytes =
        encode_intro({Purpose::Gossip, 0, 1, {}, {}}, {1}, Direction::FromCaller, signer);
    EXPECT_FALSE(decode_intro(bytes, {2}, Direction::FromCaller, signer));
    EXPECT_FALSE(decode_intro(bytes, {1}, Direction::FromAnswerer, signer));
}

TEST(Introduction, DoesNotHoldWithAnyBitChangedOrMissing) {
    const auto signer = signer_of(1);
    const auto bytes =
        encode_intro({Purpose::Gossip, 0, 1, {}, {}}, {1}, Direction::FromCaller, signer);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
        Bytes changed = bytes;
        changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1U << (i % 8)));
        EXPECT_FALSE(decode_intro(changed, {1}, Direction::FromCaller, signer)) << "bit " << i;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_intro(ByteView{bytes}.first(size), {1}, Direction::FromCaller, signer))
            << size;
    }
}

TEST(Introduction, LetsANewerNodeAddToIt) {
    const auto signer = signer_of(1);
    auto bytes = encode_intro({Purpose::Gossip, 0, 1, {}, {}}, {1}, Direction::FromCaller, signer);
    bytes.push_back(42);
    EXPECT_TRUE(decode_intro(bytes, {1}, Direction::FromCaller, signer));
}

}  // namespace
}  // namespace shoal::host
