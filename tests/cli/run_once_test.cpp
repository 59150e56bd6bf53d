// `shoal run --rm`: a command that runs to its end somewhere, as if it ran here.
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"

namespace shoal::cli {
namespace {

using nlohmann::ordered_json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RunsOnce : public CliTest {
protected:
    RunsOnce() {
        node_.answers("PUT /v1/jobs/job",
                      R"({"name": "job", "generation": 3, "acked": 1, "wanted": 1})");
        node_.answers("DELETE /v1/jobs/job",
                      R"({"name": "job", "generation": 4, "acked": 1, "wanted": 1})");
        node_.answers("GET /v1/nodes", R"([{"name": "a", "id": "id-a", "standing": "alive"}])");
    }

    void becomes(const std::string& state, int exit_code = -1, const std::string& detail = {}) {
        auto job = job_now("job", {{.state = state, .detail = detail}});
        if (exit_code >= 0) job["slots"][0]["exit_code"] = exit_code;
        node_.answers("GET /v1/jobs/job", ordered_json::parse(job.dump()).dump());
    }

    void writes(const std::string& stdout_text, const std::string& stderr_text = {}) {
        auto lines = ordered_json::array();
        for (const auto& [stream, text] :
             {std::pair{"stdout", stdout_text}, std::pair{"stderr", stderr_text}}) {
            if (text.empty()) continue;
            lines.push_back({{"slot", 0},
                             {"epoch", 1},
                             {"stream", stream},
                             {"at", "2026-01-31T09:00:01.000Z"},
                             {"text", text}});
        }
        node_.answers(
            "GET /v1/logs/job",
            ordered_json{{"job", "job"},
                         {"lines", lines},
                         {"containers", {{{"slot", 0}, {"written", "2026-01-31T09:00:05.000Z"}}}},
                         {"cursor", "c"},
                         {"more", false}}
                .dump());
    }

    Ran once(std::vector<std::string> words = {}) {
        words.insert(words.begin(), {"run", "--rm", "--name", "job"});
        words.insert(words.end(), {"img", "do", "it"});
        return run(words);
    }

    void expect_removed() {
        EXPECT_THAT(node_.lines(), Contains(StartsWith("DELETE /v1/jobs/job")));
    }
};

TEST_F(RunsOnce, WhatItWritesIsShownAndItsJobIsRemoved) {
    becomes("starting");
    becomes("healthy");
    becomes("complete", 0);
    writes("hello", "a remark");
    writes("", "");
    const auto ran = once();
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out, "hello\n");
    EXPECT_EQ(ran.err, "a remark\n");
    expect_removed();
    EXPECT_EQ(nlohmann::json::parse(node_.asked()[0].body)["restart"], "never");
}

TEST_F(RunsOnce, ItsStatusIsOurs) {
    becomes("failed", 7, "exited with 7");
    writes("");
    const auto ran = once();
    EXPECT_EQ(static_cast<int>(ran.exit), 7);
    EXPECT_EQ(ran.err, "job.0 ended on a: exited with 7\n");
    expect_removed();
}

TEST_F(RunsOnce, WhatNeverStartedMayElsewhereForAMoment) {
    becomes("failed", 0, "no such image");
    writes("");
    const auto ran = once();
    EXPECT_EQ(ran.exit, Exit::Unhealthy);
    EXPECT_THAT(ran.err, HasSubstr("job.0: no such image"));
    EXPECT_GE(now_.count(), 2'000);
    expect_removed();
}

TEST_F(RunsOnce, AnInterruptRemovesItToo) {
    becomes("healthy");
    writes("");
    stops_after(3);
    EXPECT_EQ(once().exit, Exit::Interrupted);
    EXPECT_TRUE(heeds_interrupt_);
    expect_removed();
}

TEST_F(RunsOnce, ItEndsWithTheTimeGiven) {
    becomes("healthy");
    writes("");
    const auto ran = once({"--timeout", "3s"});
    EXPECT_EQ(ran.exit, Exit::TimedOut);
    EXPECT_THAT(ran.err, HasSubstr("it has not ended in time"));
    expect_removed();
}

TEST_F(RunsOnce, NoNodeTakesIt) {
    becomes("pending");
    writes("");
    node_.answers("GET /v1/jobs/job/explain",
                  R"({"name": "job", "coordinator": "a", "wanted": 1, "healthy": 0,
                      "pending": [{"index": 0, "sentence": "no node has room"}],
                      "nodes": [{"node": "a", "bids": false, "price": 0, "reasons": ["memory"], "age_s": 0.1}]})");
    const auto ran = once();
    EXPECT_EQ(ran.exit, Exit::NotPlaced);
    expect_removed();
}

TEST_F(RunsOnce, WhatContradictsItIsRefused) {
    for (const auto& words : {std::vector<std::string>{"-d"}, {"--restart", "always"}}) {
        const auto ran = once(words);
        EXPECT_EQ(ran.exit, Exit::Usage);
        EXPECT_THAT(ran.err, HasSubstr("exclude one another"));
    }
    EXPECT_THAT(node_.asked(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace shoal::cli
