// `shoal logs`: lines of several nodes, merged, followed, and safe for a terminal.
#include "cli/log_line.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"

namespace shoal::cli {
namespace {

using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kAsk = "GET /v1/logs/web";

class LogsTest : public CliTest {
protected:
    void nodes(const std::vector<std::pair<std::string, std::string>>& names_and_standings) {
        auto all = ordered_json::array();
        for (const auto& [name, standing] : names_and_standings) {
            all.push_back({{"name", name}, {"id", "id-" + name}, {"standing", standing}});
        }
        node_.answers("GET /v1/nodes", all.dump());
    }

    static ordered_json line(int second, int slot, const std::string& text,
                             const std::string& stream = "stdout") {
        return {{"slot", slot},
                {"epoch", 1},
                {"stream", stream},
                {"at", "2026-01-31T09:00:0" + std::to_string(second) + ".000Z"},
                {"text", text}};
    }

    static ordered_json page(const std::vector<ordered_json>& lines, const std::string& cursor,
                             bool more = false) {
        return {{"job", "web"},
                {"lines", lines},
                {"containers", {{{"slot", 0}, {"written", "2026-01-31T09:00:05.000Z"}}}},
                {"cursor", cursor},
                {"more", more}};
    }

    // The next question about logs, whoever is asked, is answered so.
    void then(const ordered_json& answer) { node_.answers(kAsk, answer.dump()); }

    // What was asked about logs: "id-a cursor=…".
    [[nodiscard]] std::vector<std::string> questions() const {
        std::vector<std::string> out;
        for (const auto& asked : node_.lines()) {
            if (asked.starts_with(kAsk)) out.push_back(asked.substr(kAsk.size() + 1));
        }
        return out;
    }
};

TEST_F(LogsTest, MergesNodesByTimeAndSaysWhoseALineIs) {
    nodes({{"a", "alive"}, {"b", "alive"}});
    then(page({line(1, 0, "one"), line(3, 0, "three")}, "c1"));
    then(page({line(2, 2, "two", "stderr"), line(4, 2, "four")}, "c2"));
    const auto ran = run({"logs", "web"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "web.0@a | one\n"
              "web.2@b ! two\n"
              "web.0@a | three\n"
              "web.2@b | four\n");
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(questions(), ElementsAre("node=id-a", "node=id-b"));
}

TEST_F(LogsTest, TakesTheLastLinesOfAllTogether) {
    nodes({{"a", "alive"}, {"b", "alive"}});
    then(page({line(1, 0, "one"), line(3, 0, "three")}, "c1"));
    then(page({line(2, 2, "two"), line(4, 2, "four")}, "c2"));
    EXPECT_EQ(run({"logs", "web", "-n", "2", "-q"}).out, "three\nfour\n");
    EXPECT_THAT(questions(), ElementsAre("tail=2&node=id-a", "tail=2&node=id-b"));
}

TEST_F(LogsTest, OneReplicaSinceAMomentWithItsTimes) {
    nodes({{"a", "alive"}});
    then(page({line(1, 2, "one")}, "c1"));
    EXPECT_EQ(run({"logs", "web.2", "--since", "10m", "--timestamps"}).out,
              "web.2@a | 2026-01-31T09:00:01.000Z one\n");
    run({"logs", "web", "--since", "2026-01-31T09:00:00Z"});
    run({"logs", "web", "--since", "2026-01-31T09:00:00.500Z"});
    EXPECT_THAT(questions(),
                ElementsAre("slot=2&since=1769853000000&node=id-a", "since=1769850000000&node=id-a",
                            "since=1769850000500&node=id-a"));
}

TEST_F(LogsTest, FetchesPagesUntilTheEndThereWasAtTheBeginning) {
    nodes({{"a", "alive"}});
    then(page({line(1, 0, "one")}, "c1", true));
    then(page({line(2, 0, "two")}, "c2", true));
    // Written after the first question: it writes faster than we read.
    then(page({line(9, 0, "nine")}, "c3", true));
    EXPECT_EQ(run({"logs", "web", "-q"}).out, "one\ntwo\nnine\n");
    EXPECT_THAT(questions(),
                ElementsAre("node=id-a", "cursor=c1&node=id-a", "cursor=c2&node=id-a"));
}

TEST_F(LogsTest, FollowsWithCursorsAlsoANodeThatComesLater) {
    node_.answers("GET /v1/nodes", R"([{"name": "a", "id": "id-a", "standing": "alive"}])");
    nodes({{"a", "alive"}, {"b", "alive"}});
    then(page({line(1, 0, "one")}, "c1"));
    then(page({line(2, 0, "two")}, "c2"));  // a alone is asked, and waits
    then(page({}, "c3"));
    then(page({}, "c3"));
    then(page({line(5, 0, "moved")}, "d1"));
    then(page({}, "c4"));
    stops_after(8);
    const auto ran = run({"logs", "-f", "-n", "5", "web"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("web.0@a | one\nweb.0@a | two\n"));
    EXPECT_THAT(ran.out, HasSubstr("web.0@b | moved\n"));
    const auto asked = questions();
    ASSERT_GT(asked.size(), 3U);
    EXPECT_EQ(asked[0], "tail=5&node=id-a");
    EXPECT_EQ(asked[1], "wait_ms=2000&cursor=c1&node=id-a");
    EXPECT_THAT(asked, ::testing::Contains("since=1769853600000&node=id-b"))
        << "a node that comes later is asked for what is new";
}

TEST_F(LogsTest, GoesOnWithoutANodeThatIsAwayAndSaysSoOnce) {
    nodes({{"a", "alive"}, {"b", "alive"}, {"c", "unreachable"}, {"d", "left"}});
    then(page({line(1, 0, "one")}, "c1"));
    node_.refuses(kAsk, 503, "unavailable", "node b cannot be reached from here");
    then(page({line(2, 0, "two")}, "c2"));
    node_.refuses(kAsk, 503, "unavailable", "node b cannot be reached from here");
    stops_after(3);
    const auto ran = run({"logs", "-f", "web"});
    EXPECT_THAT(ran.out, HasSubstr("one\nweb.0@a | two\n"));
    EXPECT_EQ(ran.err,
              "warning: c cannot be asked, its lines are missing: it is unreachable\n"
              "warning: b cannot be asked, its lines are missing: node b cannot be reached from "
              "here\n"
              "warning: a cannot be asked, its lines are missing: node b cannot be reached from "
              "here\n");
}

TEST_F(LogsTest, SaysWhatWasDroppedBeforeItWasRead) {
    nodes({{"a", "alive"}});
    auto answer = page({}, "c1");
    answer["gaps"] = {{{"slot", 0}, {"epoch", 1}, {"stream", "stdout"}, {"bytes", 2048}}};
    then(ordered_json::parse(answer.dump()));
    EXPECT_EQ(run({"logs", "web"}).err,
              "warning: web.0@a: 2.0 KiB of stdout were dropped before they were read\n");
}

TEST_F(LogsTest, AnUnknownJobIsAnErrorUnlessItLeftLogs) {
    nodes({{"a", "alive"}});
    node_.answers(kAsk, R"({"job": "web", "lines": [], "containers": [], "cursor": ""})");
    node_.refuses("GET /v1/jobs/web", 404, "not-found", "there is no job 'web'");
    auto ran = run({"logs", "web"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, HasSubstr("there is no job 'web'"));
    EXPECT_THAT(ran.err, HasSubstr("try: shoal ls"));
    then(page({line(1, 0, "last words")}, "c1"));
    run({"logs", "web"});  // takes the answer there was
    ran = run({"logs", "web"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out, "web.0@a | last words\n");
}

TEST_F(LogsTest, AJobThatSaidNothingIsNoError) {
    nodes({{"a", "alive"}});
    node_.answers(kAsk, R"({"job": "web", "lines": [], "containers": [], "cursor": ""})");
    job_becomes(node_, "web", {{.state = "healthy"}});
    const auto ran = run({"logs", "web"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "web has not written anything yet\n");
}

TEST_F(LogsTest, AreDocumentsALineInJson) {
    nodes({{"a", "alive"}});
    auto cut = line(1, 0, "one\x1b[2J", "stderr");
    cut["partial"] = true;
    then(page({cut, line(2, 0, "two")}, "c1"));
    EXPECT_EQ(run({"logs", "web", "-o", "json"}).out,
              R"({"at":"2026-01-31T09:00:01.000Z","job":"web","slot":0,"epoch":1,"node":"a",)"
              R"("stream":"stderr","text":"one\u001b[2J","partial":true})"
              "\n"
              R"({"at":"2026-01-31T09:00:02.000Z","job":"web","slot":0,"epoch":1,"node":"a",)"
              R"("stream":"stdout","text":"two"})"
              "\n");
    EXPECT_EQ(run({"logs", "web", "-o", "name"}).out, "web.0@a\nweb.0@a\n");
}

TEST_F(LogsTest, OnATerminalAreTameAndColouredInAPipeAsTheyAre) {
    nodes({{"a", "alive"}});
    then(page({line(1, 1, "\x1b[31mred\x1b[0m\x1b]0;title\a\tend\r")}, "c1"));
    EXPECT_EQ(run({"logs", "web"}).out, "web.1@a | \x1b[31mred\x1b[0m\x1b]0;title\a\tend\n");
    out_is_terminal_ = true;
    EXPECT_EQ(run({"logs", "web"}).out, "\x1b[33mweb.1@a\x1b[0m | red?]0;title?\tend\n");
    environment_["NO_COLOR"] = "1";
    EXPECT_EQ(run({"logs", "web"}).out, "web.1@a | red?]0;title?\tend\n");
}

TEST_F(LogsTest, NoFormatLetsControlCharactersThroughToATerminal) {
    nodes({{"a", "alive"}});
    then(page({line(1, 1,
                    "\x1b[2J \x7f \xc2\x9b"
                    "2J")},
              "c1"));
    out_is_terminal_ = true;
    for (const auto* format : {"table", "json", "yaml", "name"}) {
        const auto out = run({"logs", "web", "-o", format, "-q"}).out;
        for (const auto* forbidden : {"\x1b[2J", "\x7f", "\xc2\x9b"}) {
            EXPECT_THAT(out, Not(HasSubstr(forbidden))) << format;
        }
    }
}

TEST(LogLines, LoseWhatWouldDriveATerminal) {
    EXPECT_EQ(tame("plain \xc3\xa9"), "plain \xc3\xa9");
    EXPECT_EQ(tame("\x1b[1;32mgreen\x1b[m"), "green");
    EXPECT_EQ(tame("\x1b[2J\x1b[H\x1b]52;c;x\x07"), "?[2J?[H?]52;c;x?");
    EXPECT_EQ(tame("\x1b[31"), "?[31");
    EXPECT_EQ(tame("\x1b"), "?");
    EXPECT_EQ(tame("a\xc2\x9b"
                   "31mb"),
              "a??31mb");
    EXPECT_EQ(tame("back\b\rover"), "back??over");
}

TEST_F(LogsTest, WordsThatMeanNothingAreRefusedWithWhatWould) {
    for (const auto& [flag, word] :
         std::vector<std::pair<std::string, std::string>>{{"--tail", "x"},
                                                          {"-n", "-1"},
                                                          {"--tail", "10001"},
                                                          {"--since", "yesterday"},
                                                          {"--since", "2026-13-01T00:00:00Z"},
                                                          {"--since", "1969-01-01T00:00:00Z"}}) {
        const auto ran = run({"logs", "web", flag, word});
        EXPECT_EQ(ran.exit, Exit::Usage) << flag << " " << word;
        EXPECT_THAT(ran.err, HasSubstr("try: --")) << flag << " " << word;
    }
    EXPECT_EQ(run({"logs"}).exit, Exit::Usage);
    EXPECT_THAT(node_.lines(), ElementsAre());
}

TEST_F(LogsTest, ACrashLoopShowsTheLastWordsOfTheReplica) {
    node_.answers("PUT /v1/jobs/web",
                  R"({"name": "web", "generation": 3, "acked": 1, "wanted": 1})");
    job_becomes(node_, "web", {{.state = "healthy"}, {.state = "starting", .restarts = 0}});
    job_becomes(node_, "web",
                {{.state = "healthy"},
                 {.state = "unhealthy", .node = "b", .restarts = 9, .detail = "exited with 3"}});
    then(page({line(1, 1, "cannot bind\x1b[2J", "stderr"), line(1, 1, "bye")}, "c1"));
    const auto ran = run({"run", "--name", "web", "--replicas", "2", "example/web"});
    EXPECT_EQ(ran.exit, Exit::Unhealthy) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("web.1 crashes again and again\n"));
    EXPECT_THAT(ran.err, HasSubstr("         ! cannot bind?[2J\n         | bye\n"));
    EXPECT_THAT(ran.err, HasSubstr("try: shoal logs web.1; "));
    EXPECT_THAT(questions(), ElementsAre("slot=1&tail=10&node=b"));
}

}  // namespace
}  // namespace shoal::cli
