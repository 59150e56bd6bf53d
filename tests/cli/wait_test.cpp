// `job apply --wait`, `run` and `scale` while they wait: what they show, when and how they end.
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"

namespace shoal::cli {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kWritten =
    R"({"name": "web", "generation": 3, "acked": 3, "wanted": 3, "missing": []})";
const std::string kJobFile = R"({"name": "web", "image": "example/web:1", "replicas": 2})";
const std::string kNobody = R"({"name": "web", "coordinator": "", "wanted": 2, "healthy": 1,
    "pending": [{"index": 1, "sentence": "no node has room"}],
    "nodes": [{"node": "a", "bids": false, "reasons": ["memory: needs 64 GiB"], "age_s": 1}]})";

class Waits : public CliTest {
protected:
    Waits() { node_.answers("PUT /v1/jobs/web", kWritten); }

    void becomes(const std::vector<SlotNow>& slots) { job_becomes(node_, "web", slots); }

    Ran apply(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"job", "apply", "-", "--wait"});
        return run(std::move(more), kJobFile);
    }

    Ran run_web(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"run", "example/web", "--name", "web"});
        return run(std::move(more));
    }
};

TEST_F(Waits, InAPipeEachChangeIsALine) {
    becomes({{.state = "pending"}, {.state = "pending"}});
    becomes({{.state = "starting", .node = "b"}, {.state = "healthy"}});
    becomes({{.state = "healthy", .node = "b"}, {.state = "healthy"}});
    const auto ran = apply();
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.err,
              "web.0 starting on b\n"
              "web.1 healthy on a\n"
              "web.0 healthy on b\n"
              "web: 2 of 2 replicas healthy; making sure for 5 s\n");
    EXPECT_EQ(ran.out,
              "job 'web' accepted: generation 3, on 3 of 3 disks\n"
              "REPLICA   NODE   STATE     AGE   RESTARTS   PORTS   DETAIL\n"
              "web.0     b      healthy   10s   0          8080    -\n"
              "web.1     a      healthy   10s   0          8080    -\n"
              "next: shoal ps web · shoal logs web · shoal explain web · shoal rm web\n");
    EXPECT_GE(now_, seconds{5});
    EXPECT_LT(now_, seconds{7});
    EXPECT_TRUE(heeds_interrupt_);
}

TEST_F(Waits, OnATerminalThePictureIsDrawnOver) {
    err_is_terminal_ = true;
    environment_["NO_COLOR"] = "1";
    becomes({{.state = "starting"}});
    becomes({{.state = "healthy"}});
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.err,
              "job 'web' accepted: generation 3, on 3 of 3 disks\n"
              "web: 0 of 1 replica healthy\n"
              "  web.0  starting on a\n"
              "\x1b[2A\x1b[J"
              "web: 1 of 1 replica healthy; making sure for 5 s\n"
              "  web.0  healthy on a\n"
              "\x1b[2A\x1b[J"
              "web: 1 of 1 replica healthy\n"
              "  web.0  healthy on a\n");
}

TEST_F(Waits, APictureIsNeverWiderThanTheTerminal) {
    err_is_terminal_ = true;
    width_ = 30;
    becomes({{.state = "backoff", .restarts = 1, .detail = "exited with status 1, once again"}});
    stops_after(0);
    const auto ran = run_web();
    EXPECT_THAT(ran.err, HasSubstr("  web.0  \x1b[33mbackoff on a: exited…\x1b[0m\n"));
}

TEST_F(Waits, ManyReplicasShowTheUnwellFirst) {
    err_is_terminal_ = true;
    environment_["NO_COLOR"] = "1";
    std::vector<SlotNow> slots(30, SlotNow{.state = "healthy"});
    slots.back().state = "starting";
    becomes(slots);
    stops_after(0);
    const auto ran = run_web();
    EXPECT_THAT(ran.err, HasSubstr("web: 29 of 30 replicas healthy\n  web.29  starting on a\n"));
    EXPECT_THAT(ran.err, HasSubstr("  and 10 more\n"));
}

TEST_F(Waits, NeverPlacedIsExit3WithEveryNodesReasons) {
    becomes({{.state = "healthy"}, {.state = "pending"}});
    node_.answers("GET /v1/jobs/web/explain", kNobody);
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::NotPlaced);
    EXPECT_GE(now_, seconds{10});
    EXPECT_LT(now_, seconds{12}) << "waiting on would be in vain";
    EXPECT_THAT(ran.err, HasSubstr("web.1 pending: no node has room\n"));
    EXPECT_THAT(ran.err, HasSubstr("shoal: cannot get web healthy\n"
                                   "       web: 1 of 2 replicas healthy\n"
                                   "       web.1 pending: no node has room\n"
                                   "       try: shoal explain web; it stays and goes on"));
    EXPECT_THAT(ran.out, HasSubstr("memory: needs 64 GiB"));
    EXPECT_THAT(ran.out, Not(HasSubstr("next:")));
}

TEST_F(Waits, WhoGivesATimeoutIsLeftToHopeThatLong) {
    becomes({{.state = "healthy"}, {.state = "pending"}});
    node_.answers("GET /v1/jobs/web/explain", kNobody);
    EXPECT_EQ(run_web({"--timeout", "1m"}).exit, Exit::NotPlaced);
    EXPECT_GE(now_, seconds{60});
    now_ = {};
    EXPECT_EQ(run_web({"--timeout", "1s"}).exit, Exit::NotPlaced) << "asked why at the end";
    EXPECT_LT(now_, seconds{2});
}

TEST_F(Waits, SomebodyWhoBidsIsAReasonToGoOn) {
    becomes({{.state = "pending"}});
    node_.answers("GET /v1/jobs/web/explain",
                  R"({"name": "web", "nodes": [{"node": "a", "bids": true, "price": 1}]})");
    EXPECT_EQ(run_web().exit, Exit::NotPlaced);
    EXPECT_GE(now_, seconds{300});
}

TEST_F(Waits, ACrashLoopIsExit4WithWhatItSays) {
    for (int restarts = 0; restarts <= 5; ++restarts) {
        becomes({{.state = "backoff", .restarts = restarts, .detail = "exited with status 1"}});
    }
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Unhealthy);
    EXPECT_LT(now_, seconds{5});
    EXPECT_THAT(ran.err,
                AllOf(HasSubstr("web.0 crashes again and again\n"),
                      HasSubstr("web.0 backoff on a: exited with status 1 (5 restarts)\n")));
    EXPECT_THAT(ran.out, HasSubstr("exited with status 1"));
}

TEST_F(Waits, TheDeadlineTellsTheUnhealthyFromTheSlow) {
    becomes({{.state = "starting"}});
    EXPECT_EQ(run_web({"--timeout", "1s"}).exit, Exit::TimedOut);
    FakeNode other;
    environment_["SHOAL_ADDR"] = other.address();
    other.answers("PUT /v1/jobs/web", kWritten);
    job_becomes(other, "web", {{.state = "unhealthy"}});
    EXPECT_EQ(run_web({"--timeout", "1s"}).exit, Exit::Unhealthy);
}

TEST_F(Waits, AnInterruptedWaitSaysThatTheJobGoesOn) {
    becomes({{.state = "starting"}});
    stops_after(2);
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Interrupted);
    EXPECT_THAT(ran.err, HasSubstr("stopped waiting; web goes on. To look: shoal ps web. "
                                   "To end it: shoal rm web\n"));
    EXPECT_THAT(node_.lines(), Not(Contains(StartsWith("DELETE"))));
}

TEST_F(Waits, AnAgentThatIsAwayForAMomentIsWaitedFor) {
    becomes({{.state = "starting"}});
    node_.refuses("GET /v1/jobs/web", 503, "unavailable", "it restarts");
    becomes({{.state = "healthy"}});
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_THAT(ran.err, HasSubstr("it restarts; still waiting\n"));
}

TEST_F(Waits, AnAgentThatStaysAwayIsNot) {
    becomes({{.state = "starting"}});
    node_.refuses("GET /v1/jobs/web", 503, "unavailable", "it is gone");
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Unreachable);
    EXPECT_GE(now_, seconds{10});
    EXPECT_LT(now_, seconds{12});
}

TEST_F(Waits, AJobSomebodyDeletesIsNotWaitedFor) {
    becomes({{.state = "starting"}});
    node_.refuses("GET /v1/jobs/web", 404, "not-found", "there is no job 'web'");
    const auto ran = run_web();
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_LT(now_, seconds{2});
    EXPECT_THAT(ran.err, HasSubstr("there is no job 'web'"));
}

TEST_F(Waits, TheAnswerIsTheJobAsItIsAtTheEnd) {
    becomes({{.state = "healthy"}});
    const auto ran = run_web({"-o", "json"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.err, "") << "nobody reads along";
    EXPECT_EQ(nlohmann::json::parse(ran.out)["slots"][0]["state"], "healthy");
    EXPECT_EQ(run_web({"-q"}).out, "web\n");
    EXPECT_EQ(run_web({"-o", "name"}).out, "web\n");
    EXPECT_THAT(run_web({"-o", "yaml"}).out, HasSubstr("name: web\n"));
    const auto wide = run_web({"-o", "wide"}).out;
    EXPECT_THAT(wide, HasSubstr("EPOCH   SINCE                      DETAIL\n"));
}

TEST_F(Waits, WhatApplyAnswersIsTheWriteWhetherItWaitsOrNot) {
    becomes({{.state = "healthy"}});
    EXPECT_EQ(nlohmann::json::parse(apply({"-o", "json"}).out), nlohmann::json::parse(kWritten));
    EXPECT_EQ(apply({"-q"}).out, "web\n");
}

}  // namespace
}  // namespace shoal::cli
