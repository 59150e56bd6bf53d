// What a slow, greedy or numerous caller gets.
#include "tests/host/http_caller.h"

#include <asio/steady_timer.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace shoal::host::http::tests {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): ms
using ::testing::HasSubstr;

class HttpLimitsTest : public ServerTest {
protected:
    // Serves, is asked, answers.
    void expect_alive() {
        auto caller = call();
        EXPECT_EQ(caller.ask(get("/")).status, 200);
    }

    void expect_refusal(Caller& caller, int status, const std::string& code) {
        const auto answer = caller.answer();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.code(), code);
        EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n"));
        EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
        EXPECT_TRUE(caller.sees_the_end());
        EXPECT_TRUE(requests.empty());
    }

    HttpLimits limits;
};

TEST_F(HttpLimitsTest, AHugeHeadIsRefused) {
    serve();
    auto caller = call();
    caller.send(get("/", "A: " + std::string(1'000'000, 'a') + "\r\n"));
    expect_refusal(caller, 431, "too-large");
}

TEST_F(HttpLimitsTest, AHugeTargetIsRefused) {
    serve();
    auto caller = call();
    caller.send(get("/" + std::string(1'000'000, 'a')));
    expect_refusal(caller, 414, "too-large");
}

// Twice the limit of lingering: the refusal must reach a caller that is still sending.
TEST_F(HttpLimitsTest, AHugeBodyIsRefused) {
    serve();
    auto caller = call();
    caller.send(put(std::string(3'000'000, ' ')));
    expect_refusal(caller, 413, "too-large");
}

TEST_F(HttpLimitsTest, AnEndlessBodyIsRefused) {
    serve();
    auto caller = call();
    std::string body;
    for (int i = 0; i < 3000; ++i) {
        body += "400\r\n" + std::string(1024, ' ') + "\r\n";
    }
    caller.send(
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" +
        body);
    expect_refusal(caller, 413, "too-large");
}

TEST_F(HttpLimitsTest, ABodyOfOneMebibyteIsTaken) {
    serve();
    auto caller = call();
    EXPECT_EQ(caller.ask(put(std::string(1U << 20U, ' '))).status, 200);
}

TEST_F(HttpLimitsTest, ALineOfAnotherProtocolIsRefused) {
    serve();
    auto caller = call();
    caller.send("EHLO example\r\n");
    expect_refusal(caller, 400, "malformed");
}

TEST_F(HttpLimitsTest, AnUnknownExpectationIsRefused) {
    serve();
    auto caller = call();
    caller.send(get("/", "Expect: tea\r\n"));
    expect_refusal(caller, 417, "unsupported");
}

TEST_F(HttpLimitsTest, ARefusalEndsAPipeline) {
    serve();
    auto caller = call();
    caller.send(get("/a") + "BREW / HTTP/1.1\r\n\r\n" + get("/b"));
    EXPECT_EQ(caller.answer().status, 200);
    EXPECT_EQ(caller.answer().status, 400);
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(HttpLimitsTest, AHeadThatDoesNotArriveIsCutOff) {
    limits.head_timeout = 100ms;
    serve(limits);
    auto caller = call();
    caller.send_at_once("GET / HTTP/1.1\r\nHos");
    expect_refusal(caller, 408, "timeout");
}

TEST_F(HttpLimitsTest, ABodyThatDoesNotArriveIsCutOff) {
    limits.request_timeout = 100ms;
    serve(limits);
    auto caller = call();
    caller.send_at_once(put("0123456789").substr(0, put("0123456789").size() - 1));
    expect_refusal(caller, 408, "timeout");
}

TEST_F(HttpLimitsTest, ADrippingCallerIsCutOffAllTheSame) {
    limits.head_timeout = 100ms;
    serve(limits);
    auto caller = call();
    caller.send_at_once("GET / HTTP/1.1\r\n");
    // Each byte of a header that never ends comes well before the deadline.
    asio::steady_timer pace{loop};
    std::function<void()> drip = [&] {
        caller.send_at_once("a");
        pace.expires_after(5ms);
        pace.async_wait([&](const asio::error_code& error) {
            if (!error) drip();
        });
    };
    drip();
    EXPECT_TRUE(until([&] { return server->counters().refused == 1; }));
    pace.cancel();
    loop.poll();
    EXPECT_EQ(caller.answer().status, 408);
}

TEST_F(HttpLimitsTest, ACallerThatSaysNothingIsLetGoWithoutAWord) {
    limits.head_timeout = 50ms;
    serve(limits);
    auto caller = call();
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpLimitsTest, ACallerThatHasNoMoreToAskIsLetGoWithoutAWord) {
    limits.idle_timeout = 50ms;
    serve(limits);
    auto caller = call();
    EXPECT_EQ(caller.ask(get("/")).status, 200);
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpLimitsTest, AHandlerThatTakesTooLongIsSpokenFor) {
    limits.answer_timeout = 50ms;
    serve(limits);
    keep = true;
    auto caller = call();
    const auto answer = caller.ask(get("/"));
    EXPECT_EQ(answer.status, 504);
    EXPECT_EQ(answer.code(), "timeout");
    pending.at(0)({});
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpLimitsTest, ACallerThatDoesNotReadIsCutOff) {
    limits.send_timeout = 100ms;
    serve(limits);
    keep = true;
    asio::local::stream_protocol::socket deaf{loop};
    deaf.connect(socket);
    asio::write(deaf, asio::buffer(get("/")));
    ASSERT_TRUE(until([&] { return pending.size() == 1; }));
    Response out{};
    out.body = std::string(20'000'000, 'x');
    pending[0](out);
    EXPECT_TRUE(until([&] { return server->connections() == 0; }));
}

TEST_F(HttpLimitsTest, ACallerThatNeverHangsUpIsHungUpOn) {
    limits.linger_timeout = 50ms;
    serve(limits);
    auto caller = call();
    EXPECT_EQ(caller.ask(get("/", "Connection: close\r\n")).status, 200);
    EXPECT_TRUE(until([&] { return server->connections() == 0; }));
}

TEST_F(HttpLimitsTest, RequestsInMemoryAreBoundedTogether) {
    limits.held_max = 1000;
    serve(limits);
    auto first = call();
    first.send_at_once(put(std::string(700, ' ')).substr(0, 600));
    auto second = call();
    second.send_at_once(put(std::string(900, ' ')).substr(0, 800));
    ASSERT_TRUE(until([&] { return server->counters().refused == 1; }));
    auto* turned_away = &second;
    const auto answer = turned_away->answer();
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.code(), "overloaded");
    first.send(std::string(put(std::string(700, ' ')).size() - 600, ' '));
    EXPECT_EQ(first.answer().status, 200);
}

TEST_F(HttpLimitsTest, ConnectionsOverTheLimitAreToldSo) {
    limits.connections_max = 3;
    limits.connections_for_unix = 1;
    serve(limits);
    auto a = std::make_unique<Caller>(loop, at);
    Caller b{loop, at};
    ASSERT_TRUE(until([&] { return server->connections() == 2; }));
    Caller c{loop, at};
    const auto answer = c.answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code(), "unavailable");
    EXPECT_TRUE(c.sees_the_end());

    // The last place is kept for the UNIX socket.
    auto local = call();
    EXPECT_EQ(local.ask(get("/")).status, 200);
    auto more = call();
    EXPECT_EQ(more.answer().status, 503);

    // And once one has left, another may come.
    a.reset();
    c.hang_up();
    more.hang_up();
    ASSERT_TRUE(until([&] { return server->connections() == 2; }));
    Caller d{loop, at};
    EXPECT_EQ(d.ask(get("/", "Authorization: Bearer " + std::string{kToken} + "\r\n")).status, 200);
}

TEST_F(HttpLimitsTest, AFloodBeyondTheLimitIsClosedWithoutAWord) {
    limits.connections_max = 1;
    limits.connections_for_unix = 0;
    limits.turned_away_max = 2;
    serve(limits);
    std::vector<std::unique_ptr<Caller>> flood;
    for (int i = 0; i < 50; ++i) {
        flood.push_back(std::make_unique<Caller>(loop, at));
    }
    ASSERT_TRUE(until([&] { return server->counters().accepted == 50; }));
    EXPECT_LE(server->connections(), 3U);
    EXPECT_EQ(server->counters().turned_away, 49U);
    flood.clear();
    ASSERT_TRUE(until([&] { return server->connections() == 0; }));
    expect_alive();
}

// The lowest number no descriptor has.
int next_descriptor() {
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)::close(probe);
    return probe;
}

TEST_F(HttpLimitsTest, SurvivesHavingNoDescriptorsLeft) {
    limits.accept_backoff = 1ms;
    serve(limits);
    asio::local::stream_protocol::socket waiting{loop};
    waiting.open();

    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(next_descriptor());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    waiting.connect(socket);
    const bool failed = until([&] { return server->counters().accept_failures >= 3; });
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(failed);

    // It backed off, and takes the caller in as soon as it can.
    EXPECT_TRUE(until([&] { return server->counters().accepted == 1; }));
    expect_alive();
}

}  // namespace
}  // namespace shoal::host::http::tests
