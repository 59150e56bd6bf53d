// The pure core: bytes in, requests or a refusal out.
#include "node/base/random.h"
#include "node/host/http/answer_parser.h"
#include "node/host/http/encode.h"
#include "node/host/http/parser.h"
#include "node/host/http/target.h"
#include "node/host/http/text.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::http::tests {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): ""s

MessageLimits small() {
    MessageLimits out{};
    out.head = {400, 200, 8};
    out.body_max = 50;
    return out;
}

struct Outcome {
    std::vector<Request> requests{};
    std::optional<Refusal> refusal{};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Feeds the bytes cut before each of `cuts`.
Outcome read(const std::string& bytes, const std::vector<std::size_t>& cuts = {}) {
    RequestParser parser{small()};
    Outcome out;
    std::size_t from = 0;
    const auto feed = [&](std::size_t to) {
        parser.push(std::string_view{bytes}.substr(from, to - from));
        from = to;
        for (auto parsed = parser.next(); parsed != Parsed::More; parsed = parser.next()) {
            if (parsed == Parsed::Whole) out.requests.push_back(parser.take());
            if (parsed == Parsed::Refused) {
                out.refusal = parser.refusal();
                return;
            }
        }
    };
    for (const auto cut : cuts) {
        if (!out.refusal) feed(cut);
    }
    if (!out.refusal) feed(bytes.size());
    return out;
}

std::string get(const std::string& target, const std::string& headers = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

std::string put(const std::string& headers, const std::string& body) {
    return "PUT /v1 HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

TEST(RequestParser, ReadsARequestWithAllItsParts) {
    const auto out = read(
        "PUT /v1/kv/a%20b/c?acks=2&if_absent&x=%26+y HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\n"
        "Content-Length: 4\r\nx-two:  2 \r\n\r\nbody");
    ASSERT_EQ(out.requests.size(), 1U);
    const auto& request = out.requests[0];
    EXPECT_EQ(request.method, "PUT");
    EXPECT_EQ(request.path, "/v1/kv/a b/c");
    EXPECT_EQ(request.query, (Fields{{"acks", "2"}, {"if_absent", ""}, {"x", "& y"}}));
    EXPECT_EQ(request.headers, (Fields{{"host", "h"}, {"x-two", "1, 2"}, {"content-length", "4"}}));
    EXPECT_EQ(request.body, "body");
}

TEST(RequestParser, ReadsOneRequestAfterAnother) {
    const auto out =
        read(get("/a") + put("Content-Length: 2\r\n", "hi") + "\r\n" +
             put(kChunked, "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: t\r\n\r\n") + get("/b"));
    EXPECT_FALSE(out.refusal);
    ASSERT_EQ(out.requests.size(), 4U);
    EXPECT_EQ(out.requests[1].body, "hi");
    EXPECT_EQ(out.requests[2].body, "hello");
    EXPECT_FALSE(out.requests[2].headers.contains("trailer"));
    EXPECT_EQ(out.requests[3].path, "/b");
}

TEST(RequestParser, IgnoresAnOfferToChangeTheProtocol) {
    const auto upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"s;
    const auto out =
        read(get("/a", upgrade) + put(upgrade + "Content-Length: 2\r\n", "hi") + get("/b"));
    EXPECT_FALSE(out.refusal);
    EXPECT_EQ(out.requests.size(), 3U);
}

TEST(RequestParser, KnowsWhetherTheCallerStays) {
    const auto keeps = [](const std::string& bytes) {
        RequestParser parser{small()};
        parser.push(bytes);
        EXPECT_EQ(parser.next(), Parsed::Head);
        EXPECT_EQ(parser.next(), Parsed::Whole);
        return parser.keep_alive();
    };
    EXPECT_TRUE(keeps(get("/")));
    EXPECT_FALSE(keeps(get("/", "Connection: close\r\n")));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

struct Row {
    const char* why;
    std::string bytes;
    int status;  // 0: it is a request
};

// One row per way to be wrong; all are also cut into pieces below.
std::vector<Row> rows() {
    const auto many = [](int count) {
        std::string out;
        for (int i = 0; i < count; ++i) {
            out += "A: b\r\n";
        }
        return out;
    };
    return {
        {"plain", get("/"), 0},
        {"empty lines before a request are skipped", "\r\n\r\n" + get("/"), 0},
        {"no Host is needed in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 0},
        {"the body at its limit", put("Content-Length: 50\r\n", std::string(50, 'x')), 0},
        {"as many headers as are allowed", get("/", many(7)), 0},
        {"the expectation that is met", put("Content-Length: 1\r\nExpect: 100-Continue\r\n", "x"),
         0},
        {"another protocol", "\x16\x03\x01\x02", 400},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"an unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"HTTP/2.0 by number", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        {"HTTP/0.9", "GET /\r\n\r\n", 505},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", get("/", "Host: y\r\n"), 400},
        {"an empty Host and another", "GET / HTTP/1.1\r\nHost:\r\nHost: y\r\n\r\n", 400},
        {"not a path", get("http://x/"), 400},
        {"a tunnel", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"the whole server", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"half an escape", get("/%4"), 400},
        {"no escape", get("/%zz"), 400},
        {"a NUL in the path", get("/a%00b"), 400},
        {"a path that is not UTF-8", get("/%ff"), 400},
        {"a query that is not UTF-8", get("/?a=%C0%80"), 400},
        {"a word of the query twice", get("/?a=1&a=2"), 400},
        {"a fragment", get("/a#b"), 400},
        {"a bare line feed", "GET / HTTP/1.1\nHost: x\n\n", 400},
        {"a bare carriage return", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400},
        {"a NUL in a header", "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n"s, 400},
        {"a folded header", get("/", "A: b\r\n c\r\n"), 400},
        {"a folded first header", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
        {"a space before the colon", put("Content-Length : 1\r\n", "x"), 400},
        {"a header without a name", get("/", ": x\r\n"), 400},
        {"a bad name before a bad byte of a name", get("/", "A : x\r\nB-\xB6\x9A: x\r\n"), 400},
        {"a bad name before a bad byte of a value", get("/", "A : x\r\nB: x\x0F\r\n"), 400},
        {"two lengths", put("Content-Length: 1\r\nContent-Length: 2\r\n", "xx"), 400},
        {"a length and chunks", put("Content-Length: 5\r\n" + kChunked, "0\r\n\r\n"), 400},
        {"chunks and a length", put(kChunked + "Content-Length: 5\r\n", "0\r\n\r\n"), 400},
        {"a negative length", put("Content-Length: -1\r\n", ""), 400},
        {"a length beyond 64 bits", put("Content-Length: 99999999999999999999999\r\n", ""), 400},
        {"another coding", put("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
        {"an unknown coding", put("Transfer-Encoding: identity\r\n", ""), 400},
        {"chunks twice", put(kChunked + kChunked, "0\r\n\r\n"), 400},
        {"chunks in HTTP/1.0", "PUT / HTTP/1.0\r\n" + kChunked + "\r\n0\r\n\r\n", 400},
        {"no length of a chunk", put(kChunked, "zz\r\n"), 400},
        {"a chunk longer than it said", put(kChunked, "1\r\nxx\r\n"), 400},
        {"a chunk length beyond 64 bits", put(kChunked, "fffffffffffffffff\r\n"), 400},
        {"another expectation", get("/", "Expect: a miracle\r\n"), 417},
        {"a body over the limit", put("Content-Length: 51\r\n", ""), 413},
        {"chunks over the limit",
         put(kChunked, "32\r\n" + std::string(50, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n"), 413},
        {"a chunk over the limit", put(kChunked, "fff\r\n" + std::string(51, 'x')), 413},
        {"a long first line", get("/" + std::string(200, 'a')), 414},
        {"a first line without end", "GET /" + std::string(1000, 'a'), 414},
        {"nothing but line ends",
         [] {
             std::string out;
             for (int i = 0; i < 201; ++i) {
                 out += "\r\n";
             }
             return out;
         }(),
         414},
        {"too many headers", get("/", many(8)), 431},
        {"long headers", get("/", "A: " + std::string(400, 'b') + "\r\n"), 431},
        {"headers without end", "GET / HTTP/1.1\r\nA: " + std::string(1000, 'b'), 431},
        {"long trailers", put(kChunked, "0\r\nA: " + std::string(500, 'b') + "\r\n\r\n"), 431},
    };
}

TEST(RequestParser, RefusesWhatNoHonestCallerSends) {
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.why);
        const auto out = read(row.bytes);
        EXPECT_EQ(out.refusal ? out.refusal->status : 0, row.status)
            << (out.refusal ? out.refusal->message : "");
        EXPECT_EQ(out.requests.size(), row.status == 0 ? 1U : 0U);
    }
}

TEST(RequestParser, ReadsTheSameHoweverTheBytesAreCut) {
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.why);
        const auto bytes = get("/first") + row.bytes + get("/last");
        const auto whole = read(bytes);
        std::vector<std::size_t> all;
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            ASSERT_EQ(read(bytes, {cut}), whole) << "cut before " << cut;
            all.push_back(cut);
        }
        EXPECT_EQ(read(bytes, all), whole);
    }
}

TEST(RequestParser, ReadsDamagedRequestsTheSameHoweverTheyAreCut) {
    for (const auto seed : shoal::tests::seeds(200)) {
        SCOPED_TRACE(shoal::tests::replay(seed));
        Random random{seed};
        std::string bytes;
        for (const auto& row : rows()) {
            if (row.status == 0 && random.below(2) == 0) bytes += row.bytes;
        }
        bytes += get("/");
        for (std::uint64_t i = random.below(4); i > 0; --i) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.next());
        }
        std::vector<std::size_t> cuts;
        for (std::size_t at = random.below(9); at < bytes.size(); at += 1 + random.below(20)) {
            cuts.push_back(at);
        }
        EXPECT_EQ(read(bytes, cuts), read(bytes));
    }
}

TEST(RequestParser, TellsOfTheHeadBeforeTheBody) {
    RequestParser parser{small()};
    EXPECT_FALSE(parser.begun());
    parser.push(put("Content-Length: 3\r\nExpect: 100-continue\r\n", "ab"));
    EXPECT_TRUE(parser.begun());
    EXPECT_EQ(parser.next(), Parsed::Head);
    EXPECT_TRUE(parser.has_body());
    EXPECT_TRUE(parser.wants_continue());
    EXPECT_EQ(parser.next(), Parsed::More);
    parser.push("c");
    EXPECT_EQ(parser.next(), Parsed::Whole);
    EXPECT_EQ(parser.take().body, "abc");
    EXPECT_FALSE(parser.begun());
}

TEST(AnswerParser, ReadsWhatWasEncoded) {
    Response response{};
    response.status = 404;
    response.body = "{\"a\": 1}";
    response.headers = {{"x-a", "b"}};
    AnswerParser parser{"GET", 100};
    EXPECT_FALSE(parser.push(to_text(encode_continue())));
    const auto answer = parser.push(to_text(encode_response(response, Ending::Close, Part::All)));
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->status, 404);
    EXPECT_EQ((*answer)->body, response.body);
    EXPECT_EQ((*answer)->content_type, "application/json");
    EXPECT_EQ((*answer)->headers.at("x-a"), "b");
}

TEST(AnswerParser, ExpectsNoBodyAfterAHead) {
    Response response{};
    response.body = "0123456789";
    AnswerParser parser{"HEAD", 100};
    const auto answer =
        parser.push(to_text(encode_response(response, Ending::Close, Part::HeadOnly)));
    ASSERT_TRUE(answer && *answer);
    EXPECT_EQ((*answer)->body, "");
}

TEST(AnswerParser, ReadsAnAnswerThatEndsWithTheStream) {
    AnswerParser parser{"GET", 100};
    EXPECT_FALSE(parser.push("HTTP/1.1 200 OK\r\n\r\nsome"));
    EXPECT_EQ(parser.finish()->body, "some");
}

TEST(AnswerParser, RefusesBadAnswers) {
    const auto error = [](std::string_view bytes) {
        AnswerParser parser{"GET", 10};
        const auto pushed = parser.push(bytes);
        const auto out = pushed ? *pushed : parser.finish();
        EXPECT_FALSE(out);
        return out ? Errc::Io : out.error().code;
    };
    EXPECT_EQ(error("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"), Errc::TooLarge);
    EXPECT_EQ(error("HTTP/1.1 200 OK\r\n\r\n01234567890"), Errc::TooLarge);
    EXPECT_EQ(error("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n0123"), Errc::Malformed);
    EXPECT_EQ(error("HTTP/1.1 700 What\r\nContent-Length: 0\r\n\r\n"), Errc::Malformed);
    EXPECT_EQ(error("SSH-2.0-x\r\n"), Errc::Malformed);
    EXPECT_EQ(error(""), Errc::Malformed);
}

TEST(Target, IsReadBackAsItWasWritten) {
    for (const auto seed : shoal::tests::seeds(200)) {
        SCOPED_TRACE(shoal::tests::replay(seed));
        Random random{seed};
        const auto text = [&](std::size_t size) {
            std::string out;
            while (out.size() < size) {
                out.push_back(static_cast<char>(1 + random.below(127)));
            }
            return out;
        };
        const Target target{"/" + text(random.below(40)),
                            {{text(1 + random.below(5)), text(random.below(20))}}};
        const auto again = parse_target(encode_target(target.path, target.query));
        ASSERT_TRUE(again) << again.error().detail;
        EXPECT_EQ(again->path, target.path);
        EXPECT_EQ(again->query, target.query);
    }
}

TEST(JsonError, HasTheBodyOfTheApi) {
    const auto out = json_error(404, "not-found", "there is no job 'web'", "shoal job ls");
    EXPECT_EQ(out.status, 404);
    EXPECT_EQ(
        out.body,
        R"({"error":{"code":"not-found","message":"there is no job 'web'","hint":"shoal job ls"}})");
    EXPECT_EQ(json_error(400, "malformed", "x").body,
              R"({"error":{"code":"malformed","message":"x"}})");
}

TEST(JsonError, QuotesAnythingAtAll) {
    const auto out = json_error(400, "malformed", "a\xFF\"\n\0b"s);
    EXPECT_TRUE(nlohmann::json::accept(out.body)) << out.body;
}

TEST(Encode, LetsNoHeaderBreakTheFraming) {
    Response response{};
    response.body = "x";
    response.headers = {
        {"X-A", "b\r\nContent-Length: 0"}, {"Content-Length", "9"},          {"Bad Name", "v"},
        {"Connection", "keep-alive"},      {"Transfer-Encoding", "chunked"}, {"X-Fine", "yes"}};
    const auto text = to_text(encode_response(response, Ending::Close, Part::All));
    EXPECT_EQ(text,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n"
              "X-Fine: yes\r\nConnection: close\r\n\r\nx");
}

}  // namespace
}  // namespace shoal::host::http::tests
