// The short commands: ls, ps, inspect, scale, rm, explain of one replica, events -w.
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"

namespace shoal::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kJobs = R"([
    {"name": "db", "image": "example/db", "replicas": 1, "healthy": 1, "pending": 0,
     "ports": ["5432:5432"], "generation": 1, "conflict": false},
    {"name": "web", "image": "example/web:1", "replicas": 4, "healthy": 1, "pending": 2,
     "ports": ["8080:80", "53:53/udp"], "generation": 12, "conflict": true}])";

const std::string kSlots = R"([
    {"job": "db", "index": 0, "state": "healthy", "node": "a", "epoch": 1, "restarts": 0,
     "since": "2026-01-31T09:00:00.000Z", "detail": "", "ports": [5432]},
    {"job": "web", "index": 0, "state": "backoff", "node": "b", "epoch": 4, "restarts": 3,
     "since": "2026-01-31T09:59:58.000Z", "detail": "exited with status 1", "ports": [8080]},
    {"job": "web", "index": 1, "state": "pending", "node": "", "epoch": 0, "restarts": 0,
     "since": "", "detail": "", "ports": []},
    {"job": "web", "index": 2, "state": "pending", "node": "", "epoch": 0, "restarts": 0,
     "since": "", "detail": "", "ports": []}])";

std::string written(const std::string& name, int generation = 3) {
    return json{{"name", name}, {"generation", generation}, {"acked", 1}, {"wanted", 1}}.dump();
}

class Everyday : public CliTest {
protected:
    Everyday() {
        node_.answers("GET /v1/jobs", kJobs);
        node_.answers("GET /v1/slots", kSlots);
    }
};

TEST_F(Everyday, LsIsOneLineAJobWithWhatIsWrong) {
    EXPECT_EQ(run({"ls"}).out,
              "NAME   IMAGE           REPLICAS   PORTS               NOTE\n"
              "db     example/db      1/1        5432:5432           -\n"
              "web    example/web:1   1/4        8080:80,53:53/udp   CONFLICT, 1 backoff, "
              "2 pending\n");
    EXPECT_EQ(run({"ls", "-q"}).out, "db\nweb\n");
    EXPECT_EQ(run({"ls", "-o", "name"}).out, "db\nweb\n");
    EXPECT_EQ(json::parse(run({"ls", "-o", "json"}).out), json::parse(kJobs));
    EXPECT_THAT(run({"ls", "-o", "wide"}).out, HasSubstr("GENERATION   NOTE\n"));
    stops_after(1);
    EXPECT_EQ(run({"ls", "-w", "-q"}).out, "db\nweb\n\ndb\nweb\n");
}

TEST_F(Everyday, PsListsTheReplicasOfAllJobs) {
    EXPECT_EQ(run({"ps"}).out,
              "REPLICA   NODE   STATE     AGE   RESTARTS   PORTS   DETAIL\n"
              "db.0      a      healthy   1h    0          5432    -\n"
              "web.0     b      backoff   2s    3          8080    exited with status 1\n"
              "web.1     -      pending   -     0          -       -\n"
              "web.2     -      pending   -     0          -       -\n");
    EXPECT_EQ(run({"ps", "-q"}).out, "db.0\nweb.0\nweb.1\nweb.2\n");
    EXPECT_EQ(json::parse(run({"ps", "-o", "json"}).out), json::parse(kSlots));
    EXPECT_THAT(run({"ps", "-o", "wide"}).out, HasSubstr("EPOCH   SINCE"));
}

TEST_F(Everyday, PsOfAJobIsOfThatJob) {
    job_becomes(node_, "db", {{.state = "healthy"}, {.state = "pending"}});
    EXPECT_EQ(run({"ps", "db", "-o", "name"}).out, "db.0\ndb.1\n");
    EXPECT_EQ(json::parse(run({"ps", "db", "-o", "json"}).out)[1]["job"], "db");
    node_.refuses("GET /v1/jobs/none", 404, "not-found", "there is no job 'none'");
    EXPECT_EQ(run({"ps", "none"}).exit, Exit::Failed);
}

TEST_F(Everyday, AnErrorIsWrappedOnATerminalAndNeverCut) {
    const std::string detail =
        "no such image: example/web@sha256:0123456789abcdef0123456789abcdef "
        "(the registry said 404)";
    job_becomes(node_, "bad", {{.state = "backoff", .detail = detail}});
    EXPECT_THAT(run({"ps", "bad"}).out, HasSubstr(detail + "\n")) << "one line in a pipe";
    out_is_terminal_ = true;
    environment_["NO_COLOR"] = "1";
    width_ = 90;
    EXPECT_EQ(run({"ps", "bad"}).out,
              "REPLICA   NODE   STATE     AGE   RESTARTS   PORTS   DETAIL\n"
              "bad.0     a      backoff   10s   0          8080    no such image:\n"
              "                                                    "
              "example/web@sha256:0123456789abcdef0123456789abcdef\n"
              "                                                    (the registry said 404)\n");
}

TEST_F(Everyday, InspectFindsJobsAndNodes) {
    job_becomes(node_, "web", {{.state = "healthy"}});
    node_.refuses("GET /v1/nodes/web", 404, "not-found", "there is no node 'web'; there are a");
    EXPECT_THAT(run({"inspect", "web"}).out, HasSubstr("replicas     1/1\n"));
    EXPECT_EQ(run({"inspect", "web", "-q"}).out, "web\n");
    node_.refuses("GET /v1/jobs/a", 404, "not-found", "there is no job 'a'");
    node_.answers("GET /v1/nodes/a", R"({"name": "a", "standing": "alive"})");
    EXPECT_THAT(run({"inspect", "a"}).out, HasSubstr("standing      alive\n"));
    EXPECT_EQ(json::parse(run({"inspect", "a", "-o", "json"}).out)["standing"], "alive");
}

TEST_F(Everyday, InspectOfABothOrNeitherSaysSo) {
    job_becomes(node_, "x", {});
    node_.answers("GET /v1/nodes/x", R"({"name": "x"})");
    const auto both = run({"inspect", "x"});
    EXPECT_EQ(both.exit, Exit::Conflict);
    EXPECT_THAT(both.err, AllOf(HasSubstr("it is the name of a job and of a node"),
                                HasSubstr("shoal job inspect x, or shoal node inspect x")));
    node_.refuses("GET /v1/jobs/y", 404, "not-found", "there is no job 'y'");
    node_.refuses("GET /v1/nodes/y", 404, "not-found", "there is no node 'y'; there are a");
    const auto neither = run({"inspect", "y"});
    EXPECT_EQ(neither.exit, Exit::Failed);
    EXPECT_THAT(neither.err, AllOf(HasSubstr("there is no job 'y'\n"),
                                   HasSubstr("there is no node 'y'; there are a\n")));
}

TEST_F(Everyday, ScaleWritesAllAndWaitsForAll) {
    node_.answers("POST /v1/jobs/db/scale", written("db", 2));
    node_.answers("POST /v1/jobs/web/scale", written("web"));
    job_becomes(node_, "db", {}, 2);
    job_becomes(node_, "web", {{.state = "healthy"}, {.state = "starting"}});
    job_becomes(node_, "web", {{.state = "healthy"}, {.state = "healthy"}});
    const auto ran = run({"scale", "db=0", "web=2"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.err,
              "job 'db' scaled to 0: generation 2, on 1 of 1 disk\n"
              "job 'web' scaled to 2: generation 3, on 1 of 1 disk\n"
              "web.0 healthy on a\n"
              "web.1 starting on a\n"
              "web.1 healthy on a\n"
              "db, web: 2 of 2 replicas healthy; making sure for 5 s\n");
    EXPECT_GE(now_, std::chrono::seconds{5});
    EXPECT_EQ(json::parse(node_.asked()[1].body), (json{{"replicas", 2}}));
    EXPECT_EQ(json::parse(run({"scale", "web=2", "-o", "json"}).out)[0]["name"], "web");
    EXPECT_EQ(run({"scale", "web=2", "db=0", "-q"}).out, "web\ndb\n");
}

TEST_F(Everyday, ScaleDetachedAnswersWithTheWrites) {
    node_.answers("POST /v1/jobs/web/scale", written("web"));
    const auto ran = run({"scale", "-d", "web=2"});
    EXPECT_EQ(ran.out, "job 'web' scaled to 2: generation 3, on 1 of 1 disk\n");
    EXPECT_EQ(now_, std::chrono::seconds{0});
    EXPECT_EQ(json::parse(run({"scale", "-d", "web=2", "-o", "json"}).out),
              json::array({json::parse(written("web"))}));
}

TEST_F(Everyday, ScaleChecksEveryWordBeforeItChangesAnything) {
    EXPECT_EQ(run({"scale", "web=2", "db"}).exit, Exit::Usage);
    EXPECT_EQ(run({"scale"}).exit, Exit::Usage);
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Everyday, OneWriteThatFailsDoesNotStopTheOthers) {
    node_.refuses("POST /v1/jobs/none/scale", 404, "not-found", "there is no job 'none'");
    node_.answers("POST /v1/jobs/web/scale", written("web"));
    const auto ran = run({"scale", "none=1", "web=2"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_EQ(ran.out, "job 'web' scaled to 2: generation 3, on 1 of 1 disk\n");
    EXPECT_THAT(ran.err, HasSubstr("cannot scale job 'none'"));
}

TEST_F(Everyday, RmAsksOnceForAll) {
    node_.answers("DELETE /v1/jobs/db", written("db"));
    node_.answers("DELETE /v1/jobs/web", written("web"));
    const auto blind = run({"rm", "db", "web"});
    EXPECT_EQ(blind.exit, Exit::Usage);
    EXPECT_THAT(blind.err, HasSubstr("delete the jobs 'db', 'web'"));
    in_is_terminal_ = true;
    EXPECT_EQ(run({"rm", "db", "web"}, "n\n").exit, Exit::Failed);
    EXPECT_THAT(node_.asked(), IsEmpty());
    const auto ran = run({"rm", "db", "web"}, "y\n");
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out,
              "job 'db' deleted: generation 3, on 1 of 1 disk\n"
              "job 'web' deleted: generation 3, on 1 of 1 disk\n");
    EXPECT_EQ(run({"rm", "-y", "db", "web", "-q"}).out, "db\nweb\n");
    EXPECT_EQ(json::parse(run({"rm", "-y", "db", "-o", "json"}).out)[0]["name"], "db");
}

TEST_F(Everyday, ExplainOfOneReplicaLeavesTheOthersOut) {
    job_becomes(node_, "web", {{.state = "pending"}, {.state = "pending"}, {.state = "healthy"}});
    node_.answers("GET /v1/jobs/web/explain", R"({"name": "web", "coordinator": "", "wanted": 3,
        "healthy": 1, "pending": [{"index": 0, "sentence": "no room"},
                                  {"index": 1, "sentence": "no label gpu"}],
        "nodes": [{"node": "a", "bids": true, "price": 0.5, "reasons": [], "age_s": 1}]})");
    EXPECT_EQ(run({"explain", "web.1"}).out,
              "REPLICA   NODE   STATE     AGE   RESTARTS   PORTS   DETAIL\n"
              "web.1     -      pending   10s   0          8080    -\n"
              "\n"
              "web: 1 of 3 replicas healthy, coordinated by nobody\n"
              "slot 1: no label gpu\n"
              "\n"
              "NODE   BIDS   PRICE   HEARD    REASONS\n"
              "a      yes    0.5     1s ago   -\n");
    const auto told = json::parse(run({"explain", "web.1", "-o", "json"}).out);
    EXPECT_EQ(told["slot"]["index"], 1);
    EXPECT_EQ(told["pending"].size(), 1U);
    EXPECT_EQ(run({"explain", "web.2", "-o", "name"}).out, "web.2\n");
    const auto beyond = run({"explain", "web.3"});
    EXPECT_EQ(beyond.exit, Exit::Failed);
    EXPECT_THAT(beyond.err, HasSubstr("job 'web' has 3 replicas, counted from 0"));
}

TEST_F(Everyday, ReplicasOfAGlobalJobAreCalledByTheirNodes) {
    node_.answers("GET /v1/jobs/logs",
                  R"({"name": "logs", "mode": "global", "replicas": 2,
        "slots": [{"index": 3000000001, "of": "a", "state": "healthy", "node": "a"},
                  {"index": 3000000002, "of": "b", "state": "pending", "node": ""}]})");
    node_.answers("GET /v1/jobs/logs/explain", R"({"name": "logs", "coordinator": "",
        "wanted": 2, "healthy": 1, "nodes": [],
        "pending": [{"index": 3000000002, "of": "b", "sentence": "no room"}]})");
    EXPECT_EQ(run({"ps", "logs", "-o", "name"}).out, "logs@a\nlogs@b\n");
    EXPECT_THAT(run({"explain", "logs@b"}).out,
                AllOf(HasSubstr("\nlogs@b    -"), HasSubstr("\non b: no room\n")));
    const auto nowhere = run({"explain", "logs@c"});
    EXPECT_EQ(nowhere.exit, Exit::Failed);
    EXPECT_THAT(nowhere.err, HasSubstr("job 'logs' has no replica for a node 'c'"));
}

TEST_F(Everyday, EventsWatchedAreFollowed) {
    node_.answers("GET /v1/events", R"({"next": 2, "events": [{"sequence": 1, "text": "x"}]})");
    stops_after(0);
    EXPECT_EQ(run({"events", "-w", "-o", "json"}).out, "{\"sequence\":1,\"text\":\"x\"}\n");
}

TEST_F(Everyday, TheirNamesAreCompleted) {
    node_.answers("GET /v1/nodes", R"([{"name": "a"}])");
    const auto complete = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"__complete", "--"});
        return run(std::move(words)).out;
    };
    EXPECT_EQ(complete({"inspect", ""}), "db\nweb\na\n");
    EXPECT_EQ(complete({"ps", "w"}), "web\n");
    EXPECT_EQ(complete({"rm", "db", ""}), "db\nweb\n");
    EXPECT_EQ(complete({"scale", "d"}), "db\n");
    EXPECT_EQ(complete({"run", "--env"}), "--env\n--env-file\n");
    EXPECT_EQ(complete({"doc"}), "doctor\n");
    EXPECT_EQ(complete({"run", ""}), "");
}

TEST_F(Everyday, AnswersOfTheWrongShapeShowGaps) {
    FakeNode odd;
    environment_["SHOAL_ADDR"] = odd.address();
    for (const auto* body : {"null", "5", "[5, null, {}]", R"({"slots": [5, {}]})"}) {
        for (const auto* path : {"/v1/jobs", "/v1/slots", "/v1/jobs/x", "/v1/jobs/x/explain"}) {
            odd.answers(std::string{"GET "} + path, body);
        }
    }
    odd.refuses("GET /v1/nodes/x", 404, "not-found", "no");
    const std::vector<std::vector<std::string>> commands = {
        {"ls"}, {"ps"}, {"ps", "x"}, {"inspect", "x"}};
    for (int round = 0; round < 4; ++round) {
        for (const auto& command : commands) {
            EXPECT_EQ(run(command).exit, Exit::Ok) << command.front() << " round " << round;
        }
    }
}

}  // namespace
}  // namespace shoal::cli
