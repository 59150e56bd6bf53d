// Conversations over real sockets.
#include "tests/host/http_caller.h"

#include <unistd.h>

namespace shoal::host::http::tests {
namespace {

using ::testing::HasSubstr;

class HttpServerTest : public ServerTest {};

TEST_F(HttpServerTest, AnswersOneRequestAfterAnotherOnOneConnection) {
    serve();
    auto caller = call();
    for (const auto* path : {"/a", "/b", "/c"}) {
        const auto answer = caller.ask(get(path));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "\"" + std::string{path} + "\"");
        EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json\r\n"));
        EXPECT_THAT(answer.head, HasSubstr("Connection: keep-alive\r\n"));
    }
    EXPECT_EQ(server->counters().accepted, 1U);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
    serve();
    auto caller = call();
    std::string all;
    for (int i = 0; i < 200; ++i) {
        all += put("\"" + std::to_string(i) + "\"");
    }
    caller.send(all);
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(caller.answer().body, "\"" + std::to_string(i) + "\"");
    }
}

TEST_F(HttpServerTest, HandsOverTheNextRequestOnlyWhenTheFirstIsAnswered) {
    serve();
    keep = true;
    auto caller = call();
    caller.send(get("/a") + get("/b"));
    ASSERT_TRUE(until([&] { return requests.size() == 1; }));
    loop.poll();
    EXPECT_EQ(requests.size(), 1U);
    pending[0]({});
    EXPECT_EQ(caller.answer().status, 200);
    EXPECT_TRUE(until([&] { return requests.size() == 2; }));
}

TEST_F(HttpServerTest, ReadsARequestThatComesByteByByte) {
    serve();
    auto caller = call();
    for (const char c : put("{\"a\":1}")) {
        caller.send_at_once(std::string{c});
        loop.restart();
        loop.poll();
    }
    EXPECT_EQ(caller.answer().body, "{\"a\":1}");
}

TEST_F(HttpServerTest, ReadsABodyInChunks) {
    serve();
    auto caller = call();
    const auto answer = caller.ask(
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
    EXPECT_EQ(answer.body, "{\"a\":1}");
}

TEST_F(HttpServerTest, AsksForTheBodyOfACallerThatWaits) {
    serve();
    auto caller = call();
    const std::string head =
        "PUT / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        "Expect: 100-continue\r\n\r\n";
    EXPECT_EQ(caller.ask(head).status, 100);
    EXPECT_EQ(caller.ask("{}").body, "{}");
}

TEST_F(HttpServerTest, TellsTheHandlerWhoAsks) {
    serve();
    auto caller = call();
    EXPECT_EQ(caller.ask(get("/")).status, 200);
    EXPECT_EQ(requests.at(0).peer, (Peer{UnixPeer{::getuid(), ::getpid()}}));
}

TEST_F(HttpServerTest, AnswersAHeadWithoutABody) {
    serve();
    auto caller = call();
    caller.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto head = caller.all_until_the_end();
    EXPECT_THAT(head, HasSubstr("Content-Length: 4\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(HttpServerTest, HangsUpWhenTheCallerWantsThat) {
    serve();
    auto caller = call();
    const auto answer = caller.ask(get("/", "Connection: close\r\n"));
    EXPECT_THAT(answer.head, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpServerTest, AnswersACallerThatHasFinishedSending) {
    serve();
    auto caller = call();
    caller.send_at_once(get("/a"));
    caller.finish();
    EXPECT_EQ(caller.answer().status, 200);
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpServerTest, SaysThatARequestEndedEarly) {
    serve();
    auto caller = call();
    caller.send_at_once("GET / HT");
    caller.finish();
    const auto answer = caller.answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "malformed");
}

TEST_F(HttpServerTest, WantsJsonOnTheUnixSocketToo) {
    serve();
    const auto ask = [&](const std::string& type, const std::string& body) {
        auto caller = call();
        return caller.ask("PUT / HTTP/1.1\r\nHost: x\r\n" + type +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    };
    const auto refused = ask("Content-Type: text/plain\r\n", "{}");
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(refused.code(), "unsupported");
    EXPECT_EQ(ask("", "{}").status, 415);
    EXPECT_EQ(ask("Content-Type: application/json-seq\r\n", "{}").status, 415);
    EXPECT_EQ(ask("Content-Type: Application/JSON ; charset=utf-8\r\n", "{}").status, 200);
    EXPECT_EQ(ask("", "").status, 200);
}

TEST_F(HttpServerTest, ANeverAnsweredRequestGets503) {
    serve();
    keep = true;
    auto caller = call();
    caller.send(get("/"));
    ASSERT_TRUE(until([&] { return pending.size() == 1; }));
    pending.clear();
    const auto answer = caller.answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code(), "unavailable");
    keep = false;
    EXPECT_EQ(caller.ask(get("/")).status, 200);
}

TEST_F(HttpServerTest, OnlyTheFirstAnswerCounts) {
    serve();
    keep = true;
    auto caller = call();
    caller.send(get("/a") + get("/b"));
    ASSERT_TRUE(until([&] { return pending.size() == 1; }));
    const auto respond = [&](std::size_t which, const std::string& body) {
        Response out{};
        out.body = body;
        pending[which](out);
    };
    respond(0, "first");
    respond(0, "again");
    EXPECT_EQ(caller.answer().body, "first");
    ASSERT_TRUE(until([&] { return pending.size() == 2; }));
    respond(0, "again");
    respond(1, "second");
    EXPECT_EQ(caller.answer().body, "second");
}

TEST_F(HttpServerTest, AnAnswerToACallerWhoLeftFallsOnTheFloor) {
    serve();
    keep = true;
    {
        auto caller = call();
        caller.send_at_once(get("/"));
        ASSERT_TRUE(until([&] { return pending.size() == 1; }));
        caller.hang_up();
        loop.poll();
    }
    pending[0]({});
    EXPECT_TRUE(until([&] { return server->connections() == 0; }));
}

TEST_F(HttpServerTest, MayBeDestroyedWithRequestsOpen) {
    serve();
    keep = true;
    auto caller = call();
    caller.send(get("/"));
    ASSERT_TRUE(until([&] { return pending.size() == 1; }));
    server.reset();
    pending[0]({});
    EXPECT_TRUE(caller.sees_the_end());
}

TEST_F(HttpServerTest, MayBeDestroyedByItsHandler) {
    server = std::make_unique<HttpServer>(loop, HttpLimits{}, [this](Request, Respond done) {
        server.reset();
        done({});
    });
    ASSERT_TRUE(server->listen_unix(socket));
    auto caller = call();
    caller.send(get("/"));
    EXPECT_TRUE(caller.sees_the_end());
    EXPECT_EQ(server, nullptr);
}

TEST_F(HttpServerTest, SendsLargeAnswersWhole) {
    serve();
    keep = true;
    auto caller = call();
    caller.send(get("/"));
    ASSERT_TRUE(until([&] { return pending.size() == 1; }));
    Response out{};
    out.body = std::string(5'000'000, 'x');
    pending[0](out);
    EXPECT_EQ(caller.answer().body, out.body);
}

}  // namespace
}  // namespace shoal::host::http::tests
