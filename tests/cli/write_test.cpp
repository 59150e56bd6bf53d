// Commands that change something: what they send, what they ask first, what they say after.
#include "tests/cli/cli_test.h"

#include <fstream>

namespace shoal::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kSubmission = "submission=77777777777777777777777777777777";
const std::string kWritten =
    R"({"name": "web", "generation": 3, "acked": 3, "wanted": 3, "missing": [], "submission": "77"})";
const std::string kHalfWritten =
    R"({"name": "web", "generation": 3, "acked": 1, "wanted": 3, "missing": ["b", "c"]})";
const std::string kJobFile = R"({"name": "web", "image": "example/web:1", "replicas": 2})";

nlohmann::json body_of(const FakeNode::Asked& asked) {
    return nlohmann::json::parse(asked.body);
}

using Writes = CliTest;

TEST_F(Writes, ApplySendsTheFileAsItIsAndSaysWhereToLookNext) {
    node_.answers("PUT /v1/jobs/web", kWritten);
    const auto file = node_.folder() + "/web.json";
    std::ofstream{file} << kJobFile;
    const auto ran = run({"job", "apply", file});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "job 'web' accepted: generation 3, on 3 of 3 disks\n"
              "next: shoal ps web · shoal logs web · shoal explain web\n");
    EXPECT_EQ(ran.err, "");
    ASSERT_THAT(node_.lines(), ElementsAre("PUT /v1/jobs/web?" + kSubmission));
    EXPECT_EQ(body_of(node_.asked()[0]), nlohmann::json::parse(kJobFile));
    EXPECT_THAT(node_.asked()[0].headers, HasSubstr("Content-Type: application/json"));
}

TEST_F(Writes, ApplyReadsStandardInput) {
    node_.answers("PUT /v1/jobs/web", kWritten);
    EXPECT_EQ(run({"job", "apply", "-"}, kJobFile).exit, Exit::Ok);
    EXPECT_EQ(run({"job", "apply", "-", "-q"}, kJobFile).out, "web\n");
    EXPECT_EQ(run({"job", "apply", "-", "-o", "name"}, kJobFile).out, "web\n");
    EXPECT_EQ(nlohmann::json::parse(run({"job", "apply", "-", "-o", "json"}, kJobFile).out),
              nlohmann::json::parse(kWritten))
        << "and nothing else";
}

TEST_F(Writes, ApplyPassesItsFlagsOn) {
    node_.answers("PUT /v1/jobs/web", kWritten);
    EXPECT_EQ(
        run({"job", "apply", "-", "--if-absent", "--acks", "3", "--node", "b"}, kJobFile).exit,
        Exit::Ok);
    EXPECT_THAT(node_.lines(),
                ElementsAre("PUT /v1/jobs/web?if_absent=1&" + kSubmission + "&acks=3&node=b"));
}

TEST_F(Writes, ApplyRefusesWhatIsNoJobWithoutAskingANode) {
    for (const auto* text : {"", "name: web", "[]", "5", R"({"image": "x"})", R"({"name": 5})"}) {
        const auto ran = run({"job", "apply", "-"}, text);
        EXPECT_EQ(ran.exit, Exit::Failed) << text;
        EXPECT_THAT(ran.err, HasSubstr("cannot apply the job on standard input")) << text;
    }
    const auto ran = run({"job", "apply", node_.folder() + "/none.json"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, HasSubstr("/none.json: No such file"));
    EXPECT_EQ(run({"job", "apply", "-"}, std::string((1U << 20U) + 1, ' ')).exit, Exit::Failed);
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Writes, AWriteFewHaveYetIsSuccessWithAWarningThatNamesTheOthers) {
    node_.answers("POST /v1/jobs/web/scale", kHalfWritten);
    const auto ran = run({"job", "scale", "web=4"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out, "job 'web' scaled to 4: generation 3, on 1 of 3 disks\n");
    EXPECT_EQ(ran.err, "warning: 1 of 3 nodes have it on disk, not yet b, c; it keeps spreading\n");
}

TEST_F(Writes, AcksThatWereNotReachedExit5) {
    node_.refuses("POST /v1/jobs/web/scale", 504, "timeout", "1 of 3 copies; the write stands");
    EXPECT_EQ(run({"job", "scale", "web=4", "--acks", "3"}).exit, Exit::TimedOut);
    EXPECT_THAT(node_.lines(), ElementsAre("POST /v1/jobs/web/scale?" + kSubmission + "&acks=3"));
    EXPECT_EQ(body_of(node_.asked()[0]), (nlohmann::json{{"replicas", 4}}));
}

TEST_F(Writes, ScaleWantsANameAndANumber) {
    for (const auto* word : {"web", "web=", "=4", "web=x", "web=-1", "web=4.5"}) {
        EXPECT_EQ(run({"job", "scale", word}).exit, Exit::Usage) << word;
    }
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Writes, RemovingAJobAsksFirst) {
    node_.answers("DELETE /v1/jobs/web", kWritten);
    const auto blind = run({"job", "rm", "web"});
    EXPECT_EQ(blind.exit, Exit::Usage);
    EXPECT_THAT(blind.err, HasSubstr("try: the same with -y"));
    in_is_terminal_ = true;
    for (const auto* no : {"n\n", "\n", "", "yeah\n"}) {
        const auto ran = run({"job", "rm", "web"}, no);
        EXPECT_EQ(ran.exit, Exit::Failed) << no;
        EXPECT_THAT(ran.err, HasSubstr("[y/N]"));
        EXPECT_THAT(ran.err, HasSubstr("nothing was changed"));
    }
    EXPECT_THAT(node_.asked(), IsEmpty());
    EXPECT_EQ(run({"job", "rm", "web"}, "y\n").exit, Exit::Ok);
    EXPECT_EQ(run({"job", "rm", "web", "-y"}).out,
              "job 'web' deleted: generation 3, on 3 of 3 disks\n");
    EXPECT_THAT(node_.lines(), ElementsAre("DELETE /v1/jobs/web?" + kSubmission,
                                           "DELETE /v1/jobs/web?" + kSubmission));
    EXPECT_EQ(node_.asked()[0].body, "");
}

TEST_F(Writes, KvPutSendsTextAsTextAndBytesAsBase64) {
    node_.answers("PUT /v1/kv/app/greeting", kWritten);
    EXPECT_EQ(run({"kv", "put", "app/greeting", "hello"}).out,
              "'app/greeting' written: generation 3, on 3 of 3 disks\n");
    EXPECT_EQ(run({"kv", "put", "app/greeting", "-"}, std::string("\0\xFF\n", 3)).exit, Exit::Ok);
    EXPECT_EQ(run({"kv", "put", "app/greeting", "-", "-q"}, "line\n").out, "app/greeting\n");
    const auto asked = node_.asked();
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_EQ(asked[0].line, "PUT /v1/kv/app/greeting?" + kSubmission);
    EXPECT_EQ(body_of(asked[0]), (nlohmann::json{{"value", "hello"}}));
    EXPECT_EQ(body_of(asked[1]), (nlohmann::json{{"value_base64", "AP8K"}}));
    EXPECT_EQ(body_of(asked[2]), (nlohmann::json{{"value", "line\n"}}));
}

TEST_F(Writes, KvPutTakesAnyValueAsItIs) {
    node_.answers("PUT /v1/kv/k", kWritten);
    for (const std::string value :
         {"", "[1,2]", "{}", "[]", "a,b", "status", "ls", "\"q\"", "%%", "--x"}) {
        const auto ran = run({"kv", "put", "--", "k", value});
        EXPECT_EQ(ran.exit, Exit::Ok) << value << ": " << ran.err;
        EXPECT_EQ(body_of(node_.asked().back())["value"], value);
    }
}

TEST_F(Writes, KvRmDeletes) {
    node_.answers("DELETE /v1/kv/a/b", kWritten);
    EXPECT_EQ(run({"kv", "rm", "a/b"}).exit, Exit::Ok);
    EXPECT_THAT(node_.lines(), ElementsAre("DELETE /v1/kv/a/b?" + kSubmission));
}

TEST_F(Writes, InitPrintsTheLinesForTheNextMachine) {
    node_.answers("POST /v1/init",
                  R"({"cluster": "c4ca", "created": true, "address": "10.0.0.1:7373"})");
    node_.answers("GET /v1/token", R"({"token": "shoal1-abc", "address": "10.0.0.1:7373"})");
    const auto ran = run({"init"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "founded cluster c4ca; this node is 10.0.0.1:7373\n"
              "On the next machine, with its agent running, paste both lines:\n"
              "\n"
              "    sudo shoal join 10.0.0.1:7373 --token-file -\n"
              "    shoal1-abc\n");
    EXPECT_THAT(node_.lines(), ElementsAre("POST /v1/init", "GET /v1/token"));
    EXPECT_EQ(node_.asked()[0].body, "{}");
    EXPECT_EQ(run({"init", "-q"}).out, "c4ca\n");
    EXPECT_THAT(run({"init", "-o", "json"}).out, Not(HasSubstr("shoal1-")));
}

TEST_F(Writes, InitAgainAndWhereNoTokenIsToldIsFine) {
    node_.answers("POST /v1/init", R"({"cluster": "c4ca", "created": false, "address": "x"})");
    node_.refuses("GET /v1/token", 403, "forbidden", "only on the UNIX socket");
    const auto ran = run({"init"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out,
              "this node is already in cluster c4ca\n"
              "On this machine, 'shoal token' prints the line for the next one.\n");
}

TEST_F(Writes, TokenIsTheWholeLineOrTheTokenAlone) {
    node_.answers("GET /v1/token", R"({"token": "shoal1-abc", "address": "10.0.0.1:7373"})");
    EXPECT_EQ(run({"token"}).out,
              "    sudo shoal join 10.0.0.1:7373 --token-file -\n    shoal1-abc\n");
    EXPECT_EQ(run({"token", "-q"}).out, "shoal1-abc\n");
    EXPECT_THAT(run({"token", "-o", "yaml"}).out, HasSubstr("token: shoal1-abc\n"));
}

TEST_F(Writes, LeaveAsksFirstAndPassesItsDeadlineOn) {
    node_.answers("POST /v1/leave", R"({"state": "leaving"})", 202);
    EXPECT_EQ(run({"leave"}).exit, Exit::Usage);
    EXPECT_EQ(run({"leave", "-y", "--deadline", "soon"}).exit, Exit::Usage);
    EXPECT_THAT(node_.asked(), IsEmpty());
    const auto ran = run({"leave", "-y"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("leaving"));
    EXPECT_EQ(run({"leave", "-y", "--now", "--deadline", "1.5m", "-q"}).out, "");
    EXPECT_EQ(run({"leave", "-y", "-o", "json"}).out, "{\n  \"state\": \"leaving\"\n}\n");
    const auto asked = node_.asked();
    EXPECT_EQ(body_of(asked[0]), (nlohmann::json{{"now", false}}));
    EXPECT_EQ(body_of(asked[1]), (nlohmann::json{{"now", true}, {"deadline_ms", 90'000}}));
}

TEST_F(Writes, ResetAsksFirstAndSaysWhatItDeleted) {
    node_.answers("POST /v1/reset", R"({"deleted": ["cluster.json", "db"]})");
    EXPECT_EQ(run({"reset"}).exit, Exit::Usage);
    EXPECT_THAT(node_.asked(), IsEmpty());
    EXPECT_EQ(run({"reset", "-y"}).out,
              "deleted cluster.json\ndeleted db\nthis node is idle, with a new identity\n");
    EXPECT_EQ(run({"reset", "-y", "-o", "name"}).out, "cluster.json\ndb\n");
}

}  // namespace
}  // namespace shoal::cli
