// What strangers and members of ill will do to the two ports.
#include "node/base/random.h"
#include "node/host/net/datagram.h"
#include "node/host/net/frame.h"
#include "node/host/net/hello.h"
#include "node/host/net/intro.h"
#include "tests/host/net_pair.h"
#include "tests/support/seeds.h"

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <optional>

namespace shoal::host::tests {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

Bytes random_bytes(Random& random, std::size_t size) {
    Bytes out(size);
    for (auto& byte : out) {
        byte = static_cast<std::uint8_t>(random.next());
    }
    return out;
}

// A connection driven by hand, as far through the greeting as a test wants.
class RawCaller {
public:
    RawCaller(asio::io_context& loop, const Endpoint& at)
        : loop_(loop), socket_(loop), signer_(signer(99)), keys_(cluster_key()) {
        socket_.connect({asio::ip::make_address(at.ip), at.port});
    }

    void write(ByteView bytes) {
        asio::error_code ignored;
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
    }

    bool read(std::span<std::uint8_t> into) {
        bool done = false;
        bool fine = false;
        asio::async_read(socket_, asio::buffer(into.data(), into.size()),
                         [&](const std::error_code& error, std::size_t) {
                             done = true;
                             fine = !error;
                         });
        return run_until(loop_, [&] { return done; }) && fine;
    }

    // The other side has closed or reset, perhaps after some last words.
    bool sees_the_end() {
        std::array<std::uint8_t, 512> rest{};
        while (read(std::span{rest}.first(1))) {
        }
        return true;
    }

    [[nodiscard]] bool greet() {
        call_ = make_call({1, 2}, kProto, keys_.key_for({}));
        write(call_);
        HelloBytes answer{};
        if (!read(answer) || parse_hello(answer)->kind != HelloKind::Answer) return false;
        session_ = session_id(call_, answer);
        out_.emplace(*keys_.key_for({}).key, session_, Direction::FromCaller);
        return true;
    }

    [[nodiscard]] Bytes sealed(FrameType type, ByteView payload) {
        Bytes out;
        out_->seal(type, payload, out);
        return out;
    }

    [[nodiscard]] Bytes introduction(const NodeId& to = {}) {
        return sealed(FrameType::Intro, encode_intro({Purpose::Gossip, 0, 1, to, {}}, session_,
                                                     Direction::FromCaller, signer_));
    }

    // Greets, introduces itself and reads the introduction in return.
    [[nodiscard]] bool enter() {
        if (!greet()) return false;
        write(introduction());
        std::array<std::uint8_t, kFrameHead> head{};
        if (!read(head)) return false;
        Bytes rest(*frame_length(head, kIntroFrameMax));
        return read(rest);
    }

    [[nodiscard]] NodeId id() const { return signer_.id(); }

    [[nodiscard]] const SessionId& session() const { return session_; }

private:
    asio::io_context& loop_;
    tcp::socket socket_;
    SodiumSigner signer_;
    ClusterKeyRing keys_;
    HelloBytes call_{};
    SessionId session_{};
    std::optional<FrameSeal> out_;
};

class HostileTest : public ::testing::Test {
protected:
    HostileTest() { EXPECT_TRUE(victim.started); }

    // Whatever happened, it still serves a proper peer.
    void expect_alive() {
        NodeOptions options{};
        options.seed = 2;
        Node peer{loop, options};
        peer.transport->send_datagram(victim.id(), victim.at, to_bytes("still there?"));
        peer.transport->send_stream(victim.id(), victim.at, to_bytes("still there?"));
        EXPECT_TRUE(run_until(loop, [&] {
            const auto from_peer = [&](const Received& r) { return r.from == peer.id(); };
            return std::any_of(victim.datagrams.begin(), victim.datagrams.end(), from_peer) &&
                   std::any_of(victim.messages.begin(), victim.messages.end(), from_peer);
        }));
    }

    static NodeOptions impatient() {
        NodeOptions out{};
        out.limits.hello_timeout = std::chrono::milliseconds{50};
        out.limits.pending_per_source_max = 8;
        return out;
    }

    asio::io_context loop;
    Node victim{loop, impatient()};
    ClusterKeyRing keys{cluster_key()};
    udp::socket gun{loop, udp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};

    void shoot(ByteView bytes) {
        gun.send_to(asio::buffer(bytes.data(), bytes.size()),
                    {asio::ip::make_address(victim.at.ip), victim.at.port});
    }
};

TEST_F(HostileTest, ReplayedDatagramsArriveOnce) {
    const auto sealed = *seal_datagram({victim.id(), {5, 5}, 1, 1, to_bytes("x")}, kProto, keys);
    for (int i = 0; i < 5; ++i) {
        shoot(sealed);
    }
    ASSERT_TRUE(run_until(loop, [&] { return victim.counters().replayed == 4; }));
    EXPECT_EQ(victim.datagrams.size(), 1U);
}

TEST_F(HostileTest, FlippedAndTruncatedDatagramsAreDropped) {
    const auto sealed = *seal_datagram({victim.id(), {5, 5}, 1, 1, to_bytes("x")}, kProto, keys);
    std::size_t sent = 0;
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ 0x10U);
        shoot(changed);
        shoot(ByteView{sealed}.first(i));
        sent += 2;
        ASSERT_TRUE(run_until(loop, [&] { return victim.strangers.size() == sent; }));
    }
    EXPECT_TRUE(victim.datagrams.empty());
    expect_alive();
}

TEST_F(HostileTest, RandomDatagramsAreDropped) {
    Random random{shoal::tests::seeds(1).front()};
    for (std::size_t i = 1; i <= 300; ++i) {
        shoot(random_bytes(random, random.below(2000)));
        ASSERT_TRUE(run_until(loop, [&] { return victim.strangers.size() == i; }));
    }
    EXPECT_TRUE(victim.datagrams.empty());
    expect_alive();
}

TEST_F(HostileTest, ItsOwnDatagramsSentBackAreIgnored) {
    const auto sealed = *seal_datagram({{}, victim.id(), 1, 9, to_bytes("x")}, kProto, keys);
    shoot(sealed);
    ASSERT_TRUE(run_until(loop, [&] { return victim.counters().misaddressed == 1; }));
    EXPECT_TRUE(victim.datagrams.empty());
}

TEST_F(HostileTest, ACloneOfItselfIsHeard) {
    const auto sealed = *seal_datagram({{}, victim.id(), 2, 9, to_bytes("I am you")}, kProto, keys);
    shoot(sealed);
    ASSERT_TRUE(run_until(loop, [&] { return victim.datagrams.size() == 1; }));
    EXPECT_EQ(victim.datagrams[0].from, victim.id());
}

TEST_F(HostileTest, RandomBytesOnTheStreamPortAreNotAnswered) {
    Random random{shoal::tests::seeds(1).front()};
    for (int i = 0; i < 20; ++i) {
        RawCaller caller{loop, victim.at};
        caller.write(random_bytes(random, 100 + random.below(5000)));
        std::array<std::uint8_t, 1> one{};
        EXPECT_FALSE(caller.read(one));
    }
    EXPECT_EQ(victim.counters().noise, 20U);
    EXPECT_EQ(victim.strangers.size(), 20U);
    expect_alive();
}

TEST_F(HostileTest, AGreetingThatNeverComesTimesOut) {
    RawCaller caller{loop, victim.at};
    caller.write(ByteView{make_call({1, 2}, kProto, keys.key_for({}))}.first(20));
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(victim.strangers, std::vector{Stranger::Stalled});
}

TEST_F(HostileTest, AnIntroductionThatNeverComesTimesOut) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.greet());
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(victim.strangers, std::vector{Stranger::Stalled});
}

TEST_F(HostileTest, ManyMuteConnectionsDoNotKeepOthersOut) {
    std::vector<std::unique_ptr<RawCaller>> mute;
    for (int i = 0; i < 200; ++i) {
        mute.push_back(std::make_unique<RawCaller>(loop, victim.at));
    }
    ASSERT_TRUE(run_until(loop, [&] { return victim.counters().streams_turned_away >= 150; }));
    ASSERT_TRUE(run_until(loop, [&] {
        return victim.counters().streams_accepted + victim.counters().streams_turned_away == 200 &&
               victim.strangers.size() == victim.counters().streams_accepted;
    }));
    expect_alive();
}

TEST_F(HostileTest, AnOversizeFrameEndsTheConnection) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.enter());
    caller.write(Bytes{0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3});
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(victim.broken, std::vector{caller.id()});
    expect_alive();
}

TEST_F(HostileTest, AnOversizeIntroductionEndsTheConnection) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.greet());
    caller.write(Bytes{0, 0, 0x10, 0, 1, 2, 3});
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(victim.strangers, std::vector{Stranger::Noise});
}

TEST_F(HostileTest, AFrameRepeatedOnItsConnectionEndsIt) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.enter());
    const auto frame = caller.sealed(FrameType::Data, to_bytes("once"));
    caller.write(frame);
    caller.write(frame);
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(victim.messages.size(), 1U);
    EXPECT_EQ(victim.broken, std::vector{caller.id()});
}

TEST_F(HostileTest, AFlippedFrameEndsTheConnection) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.enter());
    auto frame = caller.sealed(FrameType::Data, to_bytes("changed"));
    frame.back() ^= 1U;
    caller.write(frame);
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_TRUE(victim.messages.empty());
}

TEST_F(HostileTest, ARecordedConnectionCannotBePlayedAgain) {
    Bytes recorded;
    {
        RawCaller caller{loop, victim.at};
        ASSERT_TRUE(caller.greet());
        const auto intro = caller.introduction();
        const auto frame = caller.sealed(FrameType::Data, to_bytes("pay me"));
        recorded.insert(recorded.end(), intro.begin(), intro.end());
        recorded.insert(recorded.end(), frame.begin(), frame.end());
        caller.write(recorded);
        ASSERT_TRUE(run_until(loop, [&] { return victim.messages.size() == 1; }));
    }
    RawCaller again{loop, victim.at};
    ASSERT_TRUE(again.greet());
    again.write(recorded);
    EXPECT_TRUE(again.sees_the_end());
    EXPECT_EQ(victim.messages.size(), 1U);
}

TEST_F(HostileTest, ASecondIntroductionEndsTheConnection) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.enter());
    caller.write(caller.introduction());
    EXPECT_TRUE(caller.sees_the_end());
    expect_alive();
}

TEST_F(HostileTest, AConnectionMeantForAnotherNodeCarriesNothing) {
    RawCaller caller{loop, victim.at};
    ASSERT_TRUE(caller.greet());
    caller.write(caller.introduction({8, 8}));
    caller.write(caller.sealed(FrameType::Data, to_bytes("secret of 8")));
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_TRUE(victim.messages.empty());
}

TEST_F(HostileTest, AFullHouseSaysSo) {
    NodeOptions full{};
    full.seed = 3;
    full.limits.incoming_max = 0;
    Node host{loop, full};
    NodeOptions options{};
    options.seed = 2;
    Node peer{loop, options};
    peer.transport->send_stream(host.id(), host.at, to_bytes("room for me?"));
    ASSERT_TRUE(run_until(loop, [&] { return !peer.broken.empty(); }));
    EXPECT_TRUE(peer.rejects.empty() || peer.rejects.front() == Reject::Busy);
}

TEST(SlowPeer, IsGivenUpAndHoldsUpNobody) {
    asio::io_context loop;
    asio::io_context frozen;
    NodeOptions options{};
    options.limits.queue_bytes = 4U << 20U;
    Node sender{loop, options};
    options.seed = 2;
    Node slow{frozen, options};
    options.seed = 3;
    Node quick{loop, options};
    sender.transport->send_stream(slow.id(), slow.at, to_bytes("first"));
    ASSERT_TRUE(run_until(loop, [&] {
        frozen.restart();
        frozen.poll();
        return !slow.messages.empty();
    }));
    // From here on nobody runs its loop, as if it had been stopped by SIGSTOP.
    std::size_t round = 0;
    ASSERT_TRUE(run_until(loop, [&] {
        ++round;
        sender.transport->send_stream(slow.id(), slow.at, Bytes(1U << 20U, 'x'));
        sender.transport->send_stream(quick.id(), quick.at, to_bytes("tick"));
        return !sender.broken.empty();
    }));
    EXPECT_EQ(sender.broken.front(), slow.id());
    EXPECT_TRUE(run_until(loop, [&] { return quick.messages.size() == round; }));
}

TEST(OwnAddress, IsNotMistakenForASeed) {
    asio::io_context loop;
    Node node{loop};
    node.transport->send_stream({}, node.at, to_bytes("anybody?"));
    ASSERT_TRUE(run_until(loop, [&] { return !node.unreachable.empty(); }));
    EXPECT_EQ(node.unreachable.front(), "that is this node itself");
    EXPECT_TRUE(node.messages.empty());
}

TEST(StoppedTransport, TellsNothingMore) {
    asio::io_context loop;
    Node a{loop};
    NodeOptions options{};
    options.seed = 2;
    Node b{loop, options};
    a.transport->send_stream(b.id(), b.at, to_bytes("x"));
    a.transport->probe(b.id(), b.at, 1);
    a.transport->stop();
    b.transport->stop();
    loop.run();  // Returns, because nothing is left waiting.
    EXPECT_TRUE(a.broken.empty());
    EXPECT_TRUE(a.probes.empty());
}

}  // namespace
}  // namespace shoal::host::tests
