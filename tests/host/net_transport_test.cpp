#include "tests/host/net_pair.h"

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <optional>

namespace shoal::host::tests {
namespace {

using membership::Reach;

class TransportTest : public ::testing::Test {
protected:
    Node& node(NodeOptions options = {}) {
        nodes_.push_back(std::make_unique<Node>(loop, options));
        EXPECT_TRUE(nodes_.back()->started) << nodes_.back()->started.error().detail;
        return *nodes_.back();
    }

    void drop(const Node& gone) {
        std::erase_if(nodes_, [&](const auto& held) { return held.get() == &gone; });
    }

    testing::AssertionResult until(const std::function<bool()>& so) {
        if (run_until(loop, so)) return testing::AssertionSuccess();
        return testing::AssertionFailure() << "never came";
    }

    asio::io_context loop;

private:
    std::vector<std::unique_ptr<Node>> nodes_;
};

NodeOptions second() {
    NodeOptions out{};
    out.seed = 2;
    return out;
}

TEST_F(TransportTest, CarriesDatagramsBothWays) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_datagram(b.id(), b.at, to_bytes("ping"));
    ASSERT_TRUE(until([&] { return !b.datagrams.empty(); }));
    EXPECT_EQ(b.datagrams[0].from, a.id());
    EXPECT_EQ(b.datagrams[0].source, a.at);
    EXPECT_EQ(b.datagrams[0].text, "ping");
    b.transport->send_datagram({}, a.at, to_bytes("pong"));
    ASSERT_TRUE(until([&] { return !a.datagrams.empty(); }));
    EXPECT_EQ(a.datagrams[0].from, b.id());
}

TEST_F(TransportTest, CarriesTheLargestDatagramAndNoLarger) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_datagram(b.id(), b.at, Bytes(kDatagramPayloadMax + 1, 'x'));
    a.transport->send_datagram(b.id(), b.at, Bytes(kDatagramPayloadMax, 'y'));
    ASSERT_TRUE(until([&] { return !b.datagrams.empty(); }));
    EXPECT_EQ(b.datagrams[0].text, std::string(kDatagramPayloadMax, 'y'));
    EXPECT_EQ(a.counters().datagrams_unsent, 1U);
    EXPECT_EQ(a.counters().datagram_bytes_sent, kDatagramBytes);
}

TEST_F(TransportTest, DropsADatagramMeantForAnotherNode) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_datagram(NodeId{1, 1}, b.at, to_bytes("for another"));
    a.transport->send_datagram(b.id(), b.at, to_bytes("for you"));
    ASSERT_TRUE(until([&] { return !b.datagrams.empty(); }));
    EXPECT_EQ(b.datagrams[0].text, "for you");
    EXPECT_EQ(b.counters().misaddressed, 1U);
}

TEST_F(TransportTest, CarriesMessagesInOrderOnOneConnection) {
    auto& a = node();
    auto& b = node(second());
    for (int i = 0; i < 500; ++i) {
        a.transport->send_stream(b.id(), b.at, to_bytes(std::to_string(i)));
    }
    ASSERT_TRUE(until([&] { return b.messages.size() == 500; }));
    for (std::size_t i = 0; i < 500; ++i) {
        EXPECT_EQ(b.messages[i].text, std::to_string(i));
    }
    EXPECT_EQ(b.messages[0].from, a.id());
    EXPECT_EQ(b.counters().streams_accepted, 1U);
}

TEST_F(TransportTest, CarriesALargeMessage) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_stream(b.id(), b.at, Bytes(kStreamPayloadMax, 'z'));
    ASSERT_TRUE(until([&] { return !b.messages.empty(); }));
    EXPECT_EQ(b.messages[0].text.size(), kStreamPayloadMax);
}

TEST_F(TransportTest, TalksToASeedWhoseIdIsNotKnown) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_stream({}, b.at, to_bytes("hello"));
    ASSERT_TRUE(until([&] { return !b.messages.empty(); }));
    EXPECT_EQ(b.messages[0].from, a.id());
}

TEST_F(TransportTest, TellsBothEndsThatAStreamBroke) {
    auto& a = node();
    auto& b = node(second());
    auto& c = node({3});
    a.transport->send_stream(b.id(), b.at, to_bytes("from a"));
    b.transport->send_stream(c.id(), c.at, to_bytes("from b"));
    ASSERT_TRUE(until([&] { return !b.messages.empty() && !c.messages.empty(); }));
    const auto gone = b.id();
    drop(b);
    ASSERT_TRUE(until([&] { return !a.broken.empty() && !c.broken.empty(); }));
    EXPECT_EQ(a.broken[0], gone);
    EXPECT_EQ(c.broken[0], gone);
}

TEST_F(TransportTest, ClosesAnIdleStreamWithoutAnAlarm) {
    NodeOptions options{};
    options.limits.idle = std::chrono::milliseconds{20};
    auto& a = node(options);
    auto& b = node(second());
    a.transport->send_stream(b.id(), b.at, to_bytes("once"));
    ASSERT_TRUE(until([&] { return !b.messages.empty(); }));
    ASSERT_TRUE(until(
        [&] { return a.counters().streams_finished == 1 && b.counters().streams_finished == 1; }));
    a.transport->send_stream(b.id(), b.at, to_bytes("again"));
    ASSERT_TRUE(until([&] { return b.messages.size() == 2; }));
    EXPECT_TRUE(a.broken.empty());
    EXPECT_TRUE(b.broken.empty());
}

TEST_F(TransportTest, ReportsAMessageThatCouldNotBeDelivered) {
    auto& a = node();
    auto& b = node(second());
    const auto at = b.at;
    const auto id = b.id();
    drop(b);
    a.transport->send_stream(id, at, to_bytes("lost"));
    ASSERT_TRUE(until([&] { return !a.broken.empty(); }));
    EXPECT_EQ(a.broken[0], id);
    ASSERT_EQ(a.unreachable.size(), 1U);
}

TEST_F(TransportTest, ProbesALivingPeer) {
    auto& a = node();
    auto& b = node(second());
    a.transport->probe(b.id(), b.at, 7);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_EQ(a.probes[0].peer, b.id());
    EXPECT_EQ(a.probes[0].question, 7U);
    EXPECT_EQ(a.probes[0].reach, Reach::Answered);
    EXPECT_FALSE(a.probes[0].heard_our_datagrams);
    EXPECT_TRUE(b.broken.empty());
}

TEST_F(TransportTest, LearnsFromAProbeThatItsDatagramsArrive) {
    auto& a = node();
    auto& b = node(second());
    a.transport->send_datagram(b.id(), b.at, to_bytes("ping"));
    ASSERT_TRUE(until([&] { return !b.datagrams.empty(); }));
    a.transport->probe(b.id(), b.at, 8);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_TRUE(a.probes[0].heard_our_datagrams);
}

TEST_F(TransportTest, ProbesADeadAgentOnALivingHost) {
    auto& a = node();
    auto& b = node(second());
    const auto at = b.at;
    const auto id = b.id();
    drop(b);
    a.transport->probe(id, at, 9);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_EQ(a.probes[0].reach, Reach::Refused);
}

TEST_F(TransportTest, ProbesAListenerThatNeverAnswers) {
    NodeOptions options{};
    options.limits.probe_timeout = std::chrono::milliseconds{50};
    auto& a = node(options);
    asio::ip::tcp::acceptor mute{loop, {asio::ip::make_address("127.0.0.1"), 0}};
    a.transport->probe({1, 1}, {"127.0.0.1", mute.local_endpoint().port()}, 10);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_EQ(a.probes[0].reach, Reach::Silent);
}

TEST_F(TransportTest, ProbesAListenerThatHangsUp) {
    NodeOptions options{};
    options.limits.probe_timeout = std::chrono::milliseconds{200};
    auto& a = node(options);
    asio::ip::tcp::acceptor rude{loop, {asio::ip::make_address("127.0.0.1"), 0}};
    int hung_up = 0;
    std::function<void()> accept = [&] {
        rude.async_accept([&](const std::error_code& error, asio::ip::tcp::socket) {
            if (error) return;
            ++hung_up;
            accept();
        });
    };
    accept();
    a.transport->probe({1, 1}, {"127.0.0.1", rude.local_endpoint().port()}, 10);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_EQ(a.probes[0].reach, Reach::Silent) << "a connection was made, so nobody refused";
    EXPECT_GT(hung_up, 1) << "it must try again before it gives up";
}

TEST_F(TransportTest, NoticesThatAnotherNodeIsThere) {
    auto& a = node();
    auto& b = node(second());
    a.transport->probe({9, 9}, b.at, 11);
    ASSERT_TRUE(until([&] { return !a.probes.empty(); }));
    EXPECT_EQ(a.probes[0].reach, Reach::Silent);
    EXPECT_EQ(a.wrong_nodes, std::vector{b.id()});
    a.transport->send_stream({9, 9}, b.at, to_bytes("not for b"));
    ASSERT_TRUE(until([&] { return !a.broken.empty(); }));
    EXPECT_EQ(a.broken[0], (NodeId{9, 9}));
    EXPECT_TRUE(b.messages.empty());
}

struct RejectCase {
    const char* why;
    NodeOptions joiner;
    Reject reason;
    Stranger stranger;
};

TEST_F(TransportTest, TellsAJoinerWhyItIsTurnedAway) {
    NodeOptions key = second();
    key.key = 8;
    NodeOptions cluster = second();
    cluster.cluster = {3, 4};
    NodeOptions old = second();
    old.proto = {1, 1};
    NodeOptions young = second();
    young.proto = {4, 5};
    NodeOptions member{};
    member.proto = {2, 3};
    const std::vector<RejectCase> cases{
        {"another key", key, Reject::WrongKey, Stranger::WrongKey},
        {"another cluster", cluster, Reject::WrongCluster, Stranger::WrongCluster},
        {"too old", old, Reject::ProtoTooOld, Stranger::OtherProto},
        {"too new", young, Reject::ProtoTooNew, Stranger::OtherProto},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        auto& a = node(member);
        auto& b = node(c.joiner);
        b.transport->send_stream({}, a.at, to_bytes("join"));
        ASSERT_TRUE(until([&] { return !b.rejects.empty() && !a.strangers.empty(); }));
        EXPECT_EQ(b.rejects[0], c.reason);
        EXPECT_EQ(a.strangers[0], c.stranger);
        EXPECT_TRUE(a.messages.empty());
    }
}

TEST_F(TransportTest, DropsDatagramsUnderAnotherKey) {
    auto& a = node();
    NodeOptions other = second();
    other.key = 8;
    auto& b = node(other);
    b.transport->send_datagram(a.id(), a.at, to_bytes("hello"));
    ASSERT_TRUE(until([&] { return !a.strangers.empty(); }));
    EXPECT_EQ(a.strangers[0], Stranger::WrongKey);
    EXPECT_EQ(a.counters().wrong_key, 1U);
    EXPECT_TRUE(a.datagrams.empty());
}

TEST_F(TransportTest, NamesThePortThatIsInUse) {
    auto& a = node();
    NodeOptions same = second();
    same.bind = a.at;
    const Node b{loop, same};
    ASSERT_FALSE(b.started);
    EXPECT_EQ(b.started.error().code, Errc::Conflict);
    EXPECT_EQ(b.started.error().detail,
              "TCP " + to_string(a.at) +
                  " is in use by another process; stop it, or choose another port with --port");
}

TEST_F(TransportTest, WorksOverIpv6) {
    NodeOptions options{};
    options.bind = {"::1", 0};
    const Node probe{loop, options};
    if (!probe.started) return;  // A host without IPv6; nothing to show.
    auto& a = node(options);
    options.seed = 2;
    auto& b = node(options);
    a.transport->send_datagram(b.id(), b.at, to_bytes("ping"));
    a.transport->send_stream(b.id(), b.at, to_bytes("hello"));
    ASSERT_TRUE(until([&] { return !b.datagrams.empty() && !b.messages.empty(); }));
    EXPECT_EQ(b.datagrams[0].source, a.at);
}

TEST_F(TransportTest, PassesAPipeToAPeer) {
    auto& a = node();
    auto& b = node(second());
    std::shared_ptr<Pipe> near;
    a.transport->open_relay(b.id(), b.at, [&](Result<std::shared_ptr<Pipe>> pipe) {
        ASSERT_TRUE(pipe) << pipe.error().detail;
        near = *pipe;
    });
    ASSERT_TRUE(until([&] { return near && !b.pipes.empty(); }));
    const auto far = std::exchange(b.pipes, {}).front();
    EXPECT_EQ(far->peer(), a.id());

    const std::string big(3U << 20U, 'q');
    std::string got;
    bool over = false;
    std::function<void(Result<Bytes>)> take = [&](Result<Bytes> piece) {
        ASSERT_TRUE(piece) << piece.error().detail;
        over = piece->empty();
        got += to_text(*piece);
        if (!over) far->read(take);
    };
    far->read(take);
    near->write(to_bytes(big), [&](Result<void> sent) {
        EXPECT_TRUE(sent);
        near->finish();
    });
    ASSERT_TRUE(until([&] { return over; }));
    EXPECT_EQ(got, big);

    std::string answer;
    near->read([&](Result<Bytes> piece) { answer = to_text(*piece); });
    far->write(to_bytes("200 OK"), [&](Result<void>) { far->finish(); });
    ASSERT_TRUE(until([&] { return !answer.empty(); }));
    EXPECT_EQ(answer, "200 OK");
    EXPECT_TRUE(a.broken.empty());
    EXPECT_TRUE(b.broken.empty());
}

TEST_F(TransportTest, TellsTheReaderOfAPipeThatThePeerDied) {
    auto& a = node();
    auto& b = node(second());
    std::shared_ptr<Pipe> near;
    a.transport->open_relay(
        b.id(), b.at, [&](Result<std::shared_ptr<Pipe>> pipe) { near = pipe.value_or(nullptr); });
    ASSERT_TRUE(until([&] { return near && !b.pipes.empty(); }));
    std::optional<Result<Bytes>> read;
    near->read([&](Result<Bytes> piece) { read = std::move(piece); });
    drop(b);
    ASSERT_TRUE(until([&] { return read.has_value(); }));
    EXPECT_FALSE(*read);
}

TEST_F(TransportTest, SaysWhyARelayCannotBeOpened) {
    auto& a = node();
    auto& b = node(second());
    const auto at = b.at;
    drop(b);
    std::optional<Error> error;
    a.transport->open_relay({1, 1}, at, [&](Result<std::shared_ptr<Pipe>> pipe) {
        if (!pipe) error = pipe.error();
    });
    ASSERT_TRUE(until([&] { return error.has_value(); }));
    EXPECT_NE(error->detail.find(to_string(at)), std::string::npos);
}

}  // namespace
}  // namespace shoal::host::tests
