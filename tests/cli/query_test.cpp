// Commands that only ask: what they ask for, and what they print.
#include "tests/cli/cli_test.h"

namespace shoal::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kStatus = R"({
  "node": "a", "id": "9f86d081884c7d659a2feaa0c55ad015", "state": "member",
  "cluster": "c4ca4238a0b923820dcc509a6f75849b", "address": "10.0.0.1:7373", "version": "0.1.0",
  "uptime_s": 192.5, "runtime": "fake", "capacity": {"cpus": 2.0, "memory": 2147483648},
  "committed": {"cpus": 0.5, "memory": 134217728},
  "nodes": {"alive": 3, "suspect": 0, "agent-down": 1, "unreachable": 0, "left": 0},
  "jobs": 1, "replicas_wanted": 4, "replicas_healthy": 3,
  "seeds": [{"address": "10.0.0.9:7373", "error": "connection refused"}],
  "warnings": ["UDP from b does not arrive here, TCP does; open port 7373/udp"]})";

const std::string kNode =
    R"({"name": "a", "id": "9f86d081884c7d65", "standing": "alive", "self": true,
  "address": "10.0.0.1:7373", "zone": "", "labels": {"disk": "ssd", "rack": "2"}, "version": "0.1.0",
  "incarnation": 3, "draining": false, "capacity": {"cpus": 2.0, "memory": 2147483648},
  "committed": {"cpus": 0.5, "memory": 134217728}, "replicas": 2, "runtime": true)";

const std::string kNodes =
    "[" + kNode + R"(}, {"name": "b~12ab", "id": "12ab34cd", "standing": "agent-down",
  "self": false, "address": "10.0.0.2:7373", "zone": "west", "labels": {}, "version": "0.1.0",
  "incarnation": 1, "draining": true, "capacity": {"cpus": 0.0, "memory": 0},
  "committed": {"cpus": 0.0, "memory": 0}, "replicas": 0, "runtime": false}])";

const std::string kJob =
    R"({"name": "web", "image": "example/web:1", "replicas": 2, "entrypoint": [],
  "command": ["serve", "--fast"], "environment": {"KEY": "value"}, "labels": {}, "cpus": 0.5,
  "memory": "64MiB", "ports": ["8080:80"], "constraints": [], "restart": "always",
  "on_partition": "replace", "generation": 3, "conflict": false, "healthy": 1, "slots": [
  {"index": 0, "state": "healthy", "node": "b", "epoch": 1, "restarts": 0,
   "since": "2026-01-31T09:55:00.000Z", "detail": "", "ports": [8080]},
  {"index": 1, "state": "pending", "node": "", "epoch": 0, "restarts": 0, "since": "",
   "detail": "no node has room", "ports": []}]})";

const std::string kExplain = R"({"name": "web", "coordinator": "b", "wanted": 4, "healthy": 3,
  "pending": [{"index": 3, "sentence": "no node has room"}],
  "nodes": [{"node": "a", "bids": true, "price": 0.25, "reasons": [], "age_s": 0.4},
            {"node": "b", "bids": false, "price": 0,
             "reasons": ["memory: needs 64 GiB, 1.8 GiB of 2.0 GiB free", "no label gpu"], "age_s": 2}]})";

using Queries = CliTest;

TEST_F(Queries, StatusIsOneScreenOfWhatTheNodeSees) {
    node_.answers("GET /v1/status", kStatus);
    const auto ran = run({"status"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "node       a\n"
              "id         9f86d081884c7d659a2feaa0c55ad015\n"
              "state      member\n"
              "cluster    c4ca4238a0b923820dcc509a6f75849b\n"
              "address    10.0.0.1:7373\n"
              "version    0.1.0, up 3m\n"
              "runtime    fake\n"
              "capacity   0.5 of 2 CPUs, 128 MiB of 2.0 GiB committed\n"
              "nodes      3 alive, 1 agent-down\n"
              "jobs       1, 3 of 4 replicas healthy\n"
              "seed 10.0.0.9:7373: connection refused\n"
              "warning: UDP from b does not arrive here, TCP does; open port 7373/udp\n");
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/status"));
    EXPECT_EQ(run({"status", "-q"}).out, "member\n");
    EXPECT_EQ(run({"status", "-o", "name"}).out, "a\n");
    EXPECT_EQ(nlohmann::json::parse(run({"status", "-o", "json"}).out),
              nlohmann::json::parse(kStatus));
    EXPECT_THAT(run({"status", "-o", "yaml"}).out, HasSubstr("\n  memory: 134217728\n"));
}

TEST_F(Queries, StatusOfAnIdleNodeSaysHowToGoOn) {
    node_.answers("GET /v1/status",
                  R"({"node": "a", "id": null, "state": "idle", "cluster": null})");
    const auto ran = run({"status"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_THAT(ran.out, HasSubstr("cluster    -\n"));
    EXPECT_THAT(ran.out, HasSubstr("'shoal init' founds one, 'shoal join ADDR' joins one\n"));
}

TEST_F(Queries, NodeLsMarksTheNodeThatAnswers) {
    node_.answers("GET /v1/nodes", kNodes);
    EXPECT_EQ(run({"node", "ls"}).out,
              "NAME     STANDING              ADDRESS         REPLICAS   CPUS    MEMORY            "
              "VERSION\n"
              "a*       alive                 10.0.0.1:7373   2          0.5/2   128 MiB/2.0 GiB   "
              "0.1.0\n"
              "b~12ab   agent-down,draining   10.0.0.2:7373   0          -       -                 "
              "0.1.0\n");
    EXPECT_EQ(run({"node", "ls", "-q"}).out, "a\nb~12ab\n");
    EXPECT_EQ(run({"node", "ls", "-o", "name"}).out, "a\nb~12ab\n");
    const auto wide = run({"node", "ls", "-o", "wide"}).out;
    EXPECT_THAT(wide, HasSubstr("ID                 ZONE   LABELS            INCARNATION\n"));
    EXPECT_THAT(wide, HasSubstr("9f86d081884c7d65   -      disk=ssd,rack=2   3\n"));
    EXPECT_EQ(nlohmann::json::parse(run({"node", "ls", "-o", "json"}).out),
              nlohmann::json::parse(kNodes));
}

TEST_F(Queries, NodeInspectShowsOneAndWhatItRuns) {
    node_.answers("GET /v1/nodes/a%7Eb", "{}");
    node_.answers("GET /v1/nodes/a", kNode + R"(, "slots": [{"job": "web", "index": 2,
        "state": "healthy", "epoch": 1, "restarts": 5, "detail": ""}]})");
    const auto ran = run({"node", "inspect", "a"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("standing      alive\n"));
    EXPECT_THAT(ran.out, HasSubstr("labels        disk=ssd,rack=2\n"));
    EXPECT_THAT(ran.out, HasSubstr("\nJOB   SLOT   STATE     EPOCH   RESTARTS   DETAIL\n"
                                   "web   2      healthy   1       5          -\n"));
    EXPECT_EQ(run({"node", "inspect", "a", "-o", "name"}).out, "a\n");
}

TEST_F(Queries, JobLsShowsHealthyOverWanted) {
    node_.answers("GET /v1/jobs", R"([
        {"name": "db", "image": "example/db", "replicas": 1, "healthy": 1, "pending": 0,
         "generation": 1, "conflict": false},
        {"name": "web", "image": "example/web:1", "replicas": 4, "healthy": 3, "pending": 1,
         "generation": 12, "conflict": true}])");
    EXPECT_EQ(run({"job", "ls"}).out,
              "NAME   IMAGE           REPLICAS   PENDING   GENERATION   NOTE\n"
              "db     example/db      1/1        0         1            -\n"
              "web    example/web:1   3/4        1         12           CONFLICT\n");
    EXPECT_EQ(run({"job", "ls", "-q"}).out, "db\nweb\n");
    EXPECT_THAT(run({"job", "ls", "-o", "json"}).out, HasSubstr("\"name\": \"db\""));
}

TEST_F(Queries, AnEmptyListIsAHeaderAndAnEmptyDocument) {
    node_.answers("GET /v1/jobs", "[]");
    EXPECT_EQ(run({"job", "ls"}).out, "NAME   IMAGE   REPLICAS   PENDING   GENERATION   NOTE\n");
    EXPECT_EQ(run({"job", "ls", "-q"}).out, "");
    EXPECT_EQ(run({"job", "ls", "-o", "json"}).out, "[]\n");
    EXPECT_EQ(run({"job", "ls", "-o", "yaml"}).out, "[]\n");
}

TEST_F(Queries, JobInspectShowsWhatIsSetAndEverySlot) {
    node_.answers("GET /v1/jobs/web", kJob);
    EXPECT_EQ(run({"job", "inspect", "web"}).out,
              "name           web\n"
              "replicas       1/2\n"
              "generation     3\n"
              "image          example/web:1\n"
              "command        serve\n"
              "               --fast\n"
              "environment    KEY=value\n"
              "cpus           0.5\n"
              "memory         64MiB\n"
              "ports          8080:80\n"
              "restart        always\n"
              "on_partition   replace\n"
              "\n"
              "SLOT   STATE     NODE   AGE   RESTARTS   EPOCH   PORTS   DETAIL\n"
              "0      healthy   b      5m    0          1       8080    -\n"
              "1      pending   -      -     0          0       -       no node has room\n");
    EXPECT_EQ(run({"job", "inspect", "web", "-q"}).out, "web\n");
    EXPECT_EQ(nlohmann::json::parse(run({"job", "inspect", "web", "-o", "json"}).out),
              nlohmann::json::parse(kJob));
}

TEST_F(Queries, ANameIsEscapedInThePath) {
    node_.answers("GET /v1/jobs/a%2Fb%20c", kJob);
    EXPECT_EQ(run({"job", "inspect", "a/b c"}).exit, Exit::Ok);
}

TEST_F(Queries, ExplainHasARowForEveryNodeWithAllItsReasons) {
    node_.answers("GET /v1/jobs/web/explain", kExplain);
    node_.answers("GET /v1/status", R"({"node": "b"})");
    EXPECT_EQ(run({"explain", "web"}).out,
              "web: 3 of 4 replicas healthy, coordinated by b\n"
              "slot 3: no node has room\n"
              "\n"
              "NODE   BIDS   PRICE   HEARD       REASONS\n"
              "a      yes    0.25    400ms ago   -\n"
              "b      no     -       2s ago      memory: needs 64 GiB, 1.8 GiB of 2.0 GiB free\n"
              "                                  no label gpu\n");
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/jobs/web/explain", "GET /v1/status"));
    EXPECT_EQ(nlohmann::json::parse(run({"explain", "web", "-o", "json"}).out),
              nlohmann::json::parse(kExplain));
    EXPECT_EQ(run({"explain", "web", "-o", "name"}).out, "web\n");
}

TEST_F(Queries, ExplainAsksTheCoordinatorThroughTheNodeAtHand) {
    node_.answers("GET /v1/jobs/web/explain",
                  R"({"name": "web", "coordinator": "b", "nodes": []})");
    node_.answers("GET /v1/jobs/web/explain", kExplain);
    node_.answers("GET /v1/status", R"({"node": "a"})");
    EXPECT_THAT(run({"explain", "web"}).out, HasSubstr("no label gpu"));
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/jobs/web/explain", "GET /v1/status",
                                           "GET /v1/jobs/web/explain?node=b"));
}

TEST_F(Queries, ExplainMakesDoWithTheNodeAtHandWhenTheCoordinatorIsAway) {
    node_.answers("GET /v1/jobs/web/explain",
                  R"({"name": "web", "coordinator": "b", "wanted": 1, "healthy": 0, "nodes": []})");
    node_.refuses("GET /v1/jobs/web/explain", 503, "unavailable", "b does not answer");
    node_.answers("GET /v1/status", R"({"node": "a"})");
    const auto ran = run({"explain", "web"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("no node has been asked yet"));
}

TEST_F(Queries, ExplainOfANamedNodeIsThatNodesOwn) {
    node_.answers("GET /v1/jobs/web/explain", kExplain);
    EXPECT_EQ(run({"explain", "web", "--node", "c"}).exit, Exit::Ok);
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/jobs/web/explain?node=c"));
}

TEST_F(Queries, KvGetPrintsTheValueByteForByte) {
    node_.answers("GET /v1/kv/greeting",
                  R"({"key": "greeting", "value": "hello", "generation": 1})");
    EXPECT_EQ(run({"kv", "get", "greeting"}).out, "hello");
    EXPECT_EQ(run({"kv", "get", "greeting", "-q"}).out, "hello");
    EXPECT_EQ(run({"kv", "get", "greeting", "-o", "name"}).out, "greeting\n");
    EXPECT_THAT(run({"kv", "get", "greeting", "-o", "json"}).out,
                HasSubstr("\"value\": \"hello\""));
    out_is_terminal_ = true;
    EXPECT_EQ(run({"kv", "get", "greeting"}).out, "hello\n") << "a person wants the prompt below";
}

TEST_F(Queries, KvGetTurnsBase64BackIntoBytes) {
    node_.answers("GET /v1/kv/raw", R"({"key": "raw", "value_base64": "AP8K"})");
    EXPECT_EQ(run({"kv", "get", "raw"}).out, std::string("\0\xFF\n", 3));
    node_.answers("GET /v1/kv/bad", R"({"key": "bad", "value_base64": "A"})");
    EXPECT_EQ(run({"kv", "get", "bad"}).exit, Exit::Failed);
}

TEST_F(Queries, KvGetWarnsOfAConflictBesideTheValue) {
    node_.answers("GET /v1/kv/k", R"({"key": "k", "value": "v", "conflict": true})");
    const auto ran = run({"kv", "get", "k"});
    EXPECT_EQ(ran.out, "v");
    EXPECT_THAT(ran.err, HasSubstr("warning: CONFLICT"));
}

TEST_F(Queries, KeysKeepTheirSlashesAndEscapeTheRest) {
    node_.answers("GET /v1/kv/app/../a%20b%3F", R"({"key": "x", "value": "v"})");
    EXPECT_EQ(run({"kv", "get", "app/../a b?"}).out, "v");
}

TEST_F(Queries, KvLsListsByPrefix) {
    node_.answers("GET /v1/kv", R"([{"key": "app/a", "size": 2048, "generation": 2, "author": "b",
        "at": "2026-01-31T09:00:00.000Z", "conflict": false}])");
    EXPECT_EQ(run({"kv", "ls", "app/"}).out,
              "KEY     SIZE      GENERATION   AUTHOR   AGE   NOTE\n"
              "app/a   2.0 KiB   2            b        1h    -\n");
    EXPECT_EQ(run({"kv", "ls", "-q"}).out, "app/a\n");
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/kv?prefix=app%2F", "GET /v1/kv"));
}

TEST_F(Queries, VersionIsOfBothAndFailsWithoutAnAgent) {
    node_.answers("GET /v1/version", R"({"version": "9.9.9", "proto_min": 1, "proto_max": 2})");
    EXPECT_EQ(run({"version"}).out, "shoal  " SHOAL_VERSION "\nagent  9.9.9, protocol 1 to 2\n");
    EXPECT_EQ(run({"version", "-q"}).out, SHOAL_VERSION "\n");
    EXPECT_THAT(run({"version", "-o", "json"}).out, HasSubstr("\"proto_max\": 2"));
    environment_["SHOAL_ADDR"] = "unix://" + node_.folder() + "/none";
    const auto ran = run({"version"});
    EXPECT_EQ(ran.exit, Exit::Unreachable);
    EXPECT_EQ(ran.out, "shoal  " SHOAL_VERSION "\n");
}

TEST_F(Queries, EventsAreATableAndDocuments) {
    node_.answers("GET /v1/events", R"({"next": 18, "events": [{"sequence": 17,
        "at": "2026-01-31T10:00:00.000Z", "kind": "member", "subject": "b", "text": "b is unreachable"}]})");
    EXPECT_EQ(run({"events"}).out,
              "AT                         KIND     SUBJECT   WHAT\n"
              "2026-01-31T10:00:00.000Z   member   b         b is unreachable\n");
    EXPECT_EQ(run({"events", "-o", "name"}).out, "b\n");
    EXPECT_THAT(node_.lines(), ElementsAre("GET /v1/events?since=0", "GET /v1/events?since=0"));
}

TEST_F(Queries, FollowedEventsAreLinesAndNeverRepeated) {
    const auto event = [](int sequence, const std::string& text) {
        return R"({"sequence": )" + std::to_string(sequence) +
               R"(, "at": "2026-01-31T10:00:00.000Z", "kind": "job", "subject": "web", "text": ")" +
               text + R"("})";
    };
    node_.answers("GET /v1/events",
                  R"({"next": 8, "events": [)" + event(6, "one") + "," + event(7, "two") + "]}");
    node_.answers("GET /v1/events", R"({"next": 8, "events": []})");
    node_.answers("GET /v1/events", R"({"next": 2, "events": []})");
    node_.answers("GET /v1/events", R"({"next": 2, "events": [)" + event(1, "anew") + "]}");
    stops_after(3);
    const auto ran = run({"events", "-f"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "2026-01-31T10:00:00.000Z  job     one\n"
              "2026-01-31T10:00:00.000Z  job     two\n"
              "2026-01-31T10:00:00.000Z  job     anew\n");
    EXPECT_THAT(
        node_.lines(),
        ElementsAre("GET /v1/events?since=0", "GET /v1/events?since=7&wait_ms=20000",
                    "GET /v1/events?since=7&wait_ms=20000", "GET /v1/events?since=0&wait_ms=20000"))
        << "an agent that counts anew was restarted";
}

TEST_F(Queries, FollowingAsJsonIsOneDocumentALine) {
    node_.answers("GET /v1/events", R"({"next": 2, "events": [{"sequence": 1, "text": "x"}]})");
    stops_after(0);
    EXPECT_EQ(run({"events", "-f", "-o", "json"}).out, "{\"sequence\":1,\"text\":\"x\"}\n");
}

TEST_F(Queries, WatchingShowsAgainEveryTwoSeconds) {
    node_.answers("GET /v1/jobs", "[]");
    stops_after(1);
    const auto ran = run({"job", "ls", "-w", "-o", "json"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out, "[]\n\n[]\n") << "no escapes where no terminal is";
    EXPECT_EQ(now_, std::chrono::seconds{4});
}

TEST_F(Queries, WatchingOnATerminalRedraws) {
    out_is_terminal_ = true;
    node_.answers("GET /v1/jobs", "[]");
    stops_after(0);
    EXPECT_EQ(run({"job", "ls", "-w", "-o", "json"}).out, "\x1b[H\x1b[2J\x1b[3J[]\n");
}

TEST_F(Queries, WatchingOutlivesWhatMayPassAndNothingElse) {
    node_.refuses("GET /v1/jobs", 503, "unavailable", "starting");
    node_.answers("GET /v1/jobs", "[]");
    node_.refuses("GET /v1/jobs", 403, "forbidden", "no more");
    const auto ran = run({"job", "ls", "-w"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.out, HasSubstr("NAME"));
    EXPECT_THAT(ran.err, HasSubstr("starting"));
    EXPECT_THAT(ran.err, HasSubstr("no more"));
}

TEST_F(Queries, ColourIsForTerminalsThatWantIt) {
    node_.answers("GET /v1/nodes", kNodes);
    EXPECT_THAT(run({"node", "ls"}).out, Not(HasSubstr("\x1b[")));
    out_is_terminal_ = true;
    EXPECT_THAT(run({"node", "ls"}).out, HasSubstr("\x1b[32malive\x1b[0m"));
    environment_["NO_COLOR"] = "1";
    EXPECT_THAT(run({"node", "ls"}).out, Not(HasSubstr("\x1b[")));
}

TEST_F(Queries, AnAnswerOfTheWrongShapeShowsGapsAndNeverACrash) {
    for (const auto* odd :
         {"null", "5", "\"x\"", "[5, null, {}]", R"({"slots": 5, "nodes": "x"})"}) {
        for (const auto* path :
             {"/v1/status", "/v1/nodes", "/v1/nodes/x", "/v1/jobs", "/v1/jobs/x",
              "/v1/jobs/x/explain", "/v1/kv", "/v1/kv/x", "/v1/events", "/v1/version"}) {
            node_.answers(std::string{"GET "} + path, odd);
        }
    }
    const std::vector<std::vector<std::string>> commands = {
        {"status"},    {"node", "ls"},          {"node", "inspect", "x"},
        {"job", "ls"}, {"job", "inspect", "x"}, {"explain", "x"},
        {"kv", "ls"},  {"kv", "get", "x"},      {"events"},
        {"version"}};
    for (int round = 0; round < 5; ++round) {
        for (const auto& command : commands) {
            EXPECT_EQ(run(command).exit, Exit::Ok) << command.front() << " round " << round;
        }
    }
}

}  // namespace
}  // namespace shoal::cli
