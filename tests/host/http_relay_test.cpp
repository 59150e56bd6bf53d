// One node's request answered by another: forward() on this end of a pipe, the server on the other.
#include "node/host/http/client.h"
#include "tests/host/fake_pipe.h"
#include "tests/host/http_caller.h"

#include <optional>

namespace shoal::host::http::tests {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): ms
using shoal::host::tests::FakePipe;
using shoal::host::tests::Node;
using shoal::host::tests::NodeOptions;

constexpr NodeId kAnn{1, 2};

class HttpRelayTest : public ServerTest {
protected:
    HttpRelayTest() {
        request.method = "PUT";
        request.path = "/v1/kv/a b/ü?#";
        request.query = {{"acks", "2"}, {"x&y", "1+1"}};
        request.headers = {{"content-type", "application/json"},
                           {"authorization", "Bearer secret"},
                           {"x-other", "not sent"}};
        request.body = "{\"value\": \"v\"}";
    }

    Result<Response> forwarded(const std::shared_ptr<Pipe>& pipe,
                               const ForwardLimits& limits = {}) {
        std::optional<Result<Response>> out;
        forward(loop, pipe, request, limits, [&](Result<Response> answer) { out = answer; });
        EXPECT_FALSE(out) << "called back at once";
        EXPECT_TRUE(until([&] { return out.has_value(); }));
        return out.value_or(fail(Errc::Io, "never called back"));
    }

    // What the other end says, whatever it is asked.
    Result<Response> told(const std::string& bytes, const ForwardLimits& limits = {}) {
        auto ends = FakePipe::make(loop);
        ends.second->write(to_bytes(bytes), [](const Result<void>&) {});
        ends.second->finish();
        return forwarded(std::exchange(ends.first, {}), limits);
    }

    // Through a server that hands the request to the fixture.
    Result<Response> through_a_server() {
        if (!server) serve();
        auto [here, there] = FakePipe::make(loop);
        server->serve(std::move(there), kAnn);
        return forwarded(here);
    }

    Request request{};
};

TEST_F(HttpRelayTest, ARequestArrivesAsItWasAsked) {
    const auto answer = through_a_server();
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, request.body);
    EXPECT_EQ(answer->content_type, "application/json");
    const auto& arrived = requests.at(0);
    EXPECT_EQ(arrived.method, request.method);
    EXPECT_EQ(arrived.path, request.path);
    EXPECT_EQ(arrived.query, request.query);
    EXPECT_EQ(arrived.body, request.body);
    EXPECT_EQ(arrived.peer, (Peer{RelayPeer{kAnn}}));
    EXPECT_FALSE(arrived.headers.contains("authorization"));
    EXPECT_FALSE(arrived.headers.contains("x-other"));
}

TEST_F(HttpRelayTest, ARefusalIsAnAnswer) {
    request.headers.clear();
    const auto answer = through_a_server();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 415);
}

TEST_F(HttpRelayTest, AHeadIsAnsweredWithoutABody) {
    request.method = "HEAD";
    request.body.clear();
    const auto answer = through_a_server();
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "");
}

TEST_F(HttpRelayTest, LargeBodiesPassBothWays) {
    request.body = std::string(1'000'000, ' ');
    const auto answer = through_a_server();
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, request.body);
}

TEST_F(HttpRelayTest, ManyRelaysDoNotPileUp) {
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(through_a_server());
    }
    EXPECT_TRUE(until([&] { return server->connections() == 0; }));
}

TEST_F(HttpRelayTest, ABrokenPipeIsUnavailable) {
    auto [here, there] = FakePipe::make(loop);
    there->close();
    EXPECT_EQ(forwarded(here).error().code, Errc::Unavailable);

    auto ends = FakePipe::make(loop);
    ends.second->write(to_bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
                       [](const Result<void>&) {});
    ends.second->close();
    EXPECT_EQ(forwarded(ends.first).error().code, Errc::Unavailable);
}

TEST_F(HttpRelayTest, SilenceEndsWithTheDeadline) {
    ForwardLimits limits{};
    limits.deadline = 50ms;
    auto [here, there] = FakePipe::make(loop);
    EXPECT_EQ(forwarded(here, limits).error().code, Errc::TimedOut);
    EXPECT_TRUE(there->broken);
}

TEST_F(HttpRelayTest, AnAnswerIsBounded) {
    ForwardLimits limits{};
    limits.answer_max = 10;
    const auto fits = told("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", limits);
    EXPECT_TRUE(fits);
    const auto larger = told("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a", limits);
    EXPECT_EQ(larger.error().code, Errc::TooLarge);
    const auto endless = told("HTTP/1.1 200 OK\r\n\r\n0123456789a", limits);
    EXPECT_EQ(endless.error().code, Errc::TooLarge);
}

TEST_F(HttpRelayTest, WhatIsNoAnswerIsMalformed) {
    EXPECT_EQ(told("220 mail.example ESMTP\r\n").error().code, Errc::Malformed);
    EXPECT_EQ(told("").error().code, Errc::Malformed);
}

// Over the real transport, one relay after another, each with more than one frame.
TEST_F(HttpRelayTest, ANodeAsksAnother) {
    serve();
    Node ann{loop, {}};
    NodeOptions second{};
    second.seed = 2;
    Node bob{loop, second};
    request.body = std::string(500'000, ' ');
    for (int i = 0; i < 3; ++i) {
        std::shared_ptr<Pipe> here;
        ann.transport->open_relay(bob.id(), bob.at,
                                  [&](Result<std::shared_ptr<Pipe>> pipe) { here = *pipe; });
        ASSERT_TRUE(until([&] { return here && !bob.pipes.empty(); }));
        server->serve(bob.pipes.back(), ann.id());
        bob.pipes.clear();
        const auto answer = forwarded(std::exchange(here, {}));
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body, request.body);
    }
    EXPECT_EQ(requests.at(0).peer, (Peer{RelayPeer{ann.id()}}));
    EXPECT_TRUE(until([&] { return server->connections() == 0; }));
    EXPECT_TRUE(ann.broken.empty());
    EXPECT_TRUE(bob.broken.empty());
}

}  // namespace
}  // namespace shoal::host::http::tests
