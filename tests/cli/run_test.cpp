// `shoal run`: what its words become, and what happens to a name that is taken.
#include "cli/run_job.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/job_story.h"

#include <fstream>

namespace shoal::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kSevens(32, '7');
const std::string kWritten =
    R"({"name": "web", "generation": 3, "acked": 3, "wanted": 3, "missing": []})";

class Runs : public CliTest {
protected:
    Runs() {
        node_.answers("PUT /v1/jobs/web-7777", kWritten);
        node_.answers("PUT /v1/jobs/web", kWritten);
    }

    // The job that `shoal run -d WORDS` sends.
    json sent(std::vector<std::string> words) {
        words.insert(words.begin(), {"run", "-d"});
        const auto before = node_.asked().size();
        const auto ran = run(words);
        EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
        const auto asked = node_.asked();
        if (asked.size() != before + 1) return {};
        return json::parse(asked.back().body);
    }
};

TEST_F(Runs, AnImageAloneIsAJobNamedAfterIt) {
    const auto ran = run({"run", "-d", "example/web:1"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "job 'web-7777' accepted: generation 3, on 3 of 3 disks\n"
              "next: shoal ps web-7777 · shoal logs web-7777 · shoal explain web-7777\n");
    EXPECT_EQ(ran.err, "");
    ASSERT_THAT(node_.lines(),
                ElementsAre("PUT /v1/jobs/web-7777?if_absent=1&submission=" + kSevens));
    EXPECT_EQ(json::parse(node_.asked()[0].body),
              (json{{"name", "web-7777"}, {"image", "example/web:1"}, {"replicas", 1}}));
    EXPECT_EQ(run({"run", "-d", "-q", "web"}).out, "web-7777\n");
    EXPECT_EQ(json::parse(run({"run", "-d", "-o", "json", "web"}).out), json::parse(kWritten));
}

TEST_F(Runs, OneOnEachNodeHasNoNumber) {
    EXPECT_EQ(sent({"--name", "web", "--global", "example/web"}),
              (json{{"name", "web"}, {"image", "example/web"}, {"mode", "global"}}));
}

TEST_F(Runs, NamesAreMadeOfWhatANameMayHold) {
    const std::string id = "0123456789abcdef0123456789abcdef";
    EXPECT_EQ(derived_name("example/web:1.2", id), "web-0123");
    EXPECT_EQ(derived_name("host:5000/a/My.App@sha256:ff", id), "my-app-0123");
    EXPECT_EQ(derived_name("redis", id), "redis-0123");
    EXPECT_EQ(derived_name("a/:x", id), "job-0123");
    EXPECT_EQ(derived_name("--", id), "job-0123");
    EXPECT_EQ(derived_name(std::string(500, 'x'), id), std::string(40, 'x') + "-0123");
}

TEST_F(Runs, EveryFlagHasItsMember) {
    environment_["HERE"] = "from the shell";
    EXPECT_EQ(sent({"--name",    "web",        "--replicas",   "3",
                    "-p",        "8080:80",    "--publish",    "[::1]:53:53/udp",
                    "-e",        "A=1",        "-e",           "B=x=y",
                    "--env",     "HERE",       "--cpus",       "500m",
                    "--memory",  "64MiB",      "--label",      "tier=front",
                    "--label",   "plain",      "--constraint", "node.labels.disk == ssd",
                    "--restart", "on-failure", "--init",       "example/web"}),
              (json{{"name", "web"},
                    {"image", "example/web"},
                    {"replicas", 3},
                    {"ports", {"8080:80", "[::1]:53:53/udp"}},
                    {"environment", {{"A", "1"}, {"B", "x=y"}, {"HERE", "from the shell"}}},
                    {"cpus", "500m"},
                    {"memory", "64MiB"},
                    {"labels", {{"tier", "front"}, {"plain", ""}}},
                    {"constraints", {"node.labels.disk == ssd"}},
                    {"restart", "on-failure"},
                    {"init", true}}));
}

TEST_F(Runs, WordsAfterTheImageAreTheContainers) {
    const auto command = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"--name", "web"});
        return sent(std::move(words)).value("command", json::array());
    };
    EXPECT_EQ(command({"img", "ls", "-l", "--replicas", "9", "-q"}),
              (json{"ls", "-l", "--replicas", "9", "-q"}));
    EXPECT_EQ(command({"img", "echo", "[1,2]", "", "%%", "status"}),
              (json{"echo", "[1,2]", "", "%%", "status"}));
    EXPECT_EQ(command({"img", "--appendonly", "yes"}), (json{"--appendonly", "yes"}));
    EXPECT_EQ(command({"img", "--", "--replicas", "9"}), (json{"--replicas", "9"}));
    EXPECT_EQ(command({"img", "ls", "--", "x"}), (json{"ls", "--", "x"}));
    EXPECT_EQ(command({"img", "-eA=1", "-p", "1:1", "serve"}), (json{"serve"}));
    EXPECT_EQ(command({"run", "run"}), (json{"run"})) << "an image may be called that";
}

TEST_F(Runs, FlagsRightAfterTheImageAreStillOurs) {
    const auto job = sent({"example/web", "--name", "web", "--replicas=4", "-e", "A=1", "go"});
    EXPECT_EQ(job["replicas"], 4);
    EXPECT_EQ(job["environment"], (json{{"A", "1"}}));
    EXPECT_EQ(job["command"], (json{"go"}));
}

TEST_F(Runs, VariablesComeFromFilesToo) {
    const auto file = node_.folder() + "/env";
    std::ofstream{file} << "# a remark\n\nA=file\r\n  B=\"as it is\" # all of it\nHERE\n";
    environment_["HERE"] = "shell";
    EXPECT_EQ(sent({"--name", "web", "--env-file", file, "-e", "A=flag", "img"})["environment"],
              (json{{"A", "flag"}, {"B", "\"as it is\" # all of it"}, {"HERE", "shell"}}));
    std::ofstream{file} << "A=1\n=2\n";
    const auto ran = run({"run", "-d", "--env-file", file, "img"});
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_THAT(ran.err, HasSubstr("/env:2: '=2' has no name before its '='"));
    EXPECT_EQ(run({"run", "-d", "--env-file", node_.folder() + "/none", "img"}).exit, Exit::Failed);
}

TEST_F(Runs, MistakesAreSaidBeforeANodeIsAsked) {
    const std::vector<std::vector<std::string>> mistakes = {
        {"run"},
        {"run", "-d"},
        {"run", "--frobnicate", "img"},
        {"run", "--replicas", "many", "img"},
        {"run", "--replicas", "-1", "img"},
        {"run", "--global", "--replicas", "2", "img"},
        {"run", "--restart", "sometimes", "img"},
        {"run", "-e", "NOT_SET_HERE", "img"},
        {"run", "-e", "=x", "img"},
        {"run", "--label", "=x", "img"},
        {"run", "--submission", "7", "img"},
        {"run", "-w", "img"},
    };
    for (const auto& words : mistakes) {
        const auto ran = run(words);
        EXPECT_EQ(ran.exit, Exit::Usage) << ::testing::PrintToString(words) << ran.out;
        EXPECT_EQ(ran.out, "");
    }
    EXPECT_THAT(run({"run", "-e", "NOT_SET_HERE", "img"}).err,
                HasSubstr("--env: NOT_SET_HERE is not set here"));
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Runs, ANameThatIsTakenIsAConflictWithAWayOut) {
    FakeNode other;
    environment_["SHOAL_ADDR"] = other.address();
    other.refuses("PUT /v1/jobs/web", 409, "conflict", "name 'web' exists already");
    const auto ran = run({"run", "--name", "web", "img"});
    EXPECT_EQ(ran.exit, Exit::Conflict);
    EXPECT_EQ(ran.err,
              "shoal: cannot run job 'web'\n"
              "       name 'web' exists already\n"
              "       try: another --name; or 'shoal rm web' first; 'shoal inspect web' shows what "
              "is there\n");
    EXPECT_THAT(other.lines(), ElementsAre("PUT /v1/jobs/web?if_absent=1&submission=" + kSevens));
}

TEST_F(Runs, AMadeUpNameThatIsTakenGivesWayToAnother) {
    ids_ = "27";
    node_.refuses("PUT /v1/jobs/web-2222", 409, "conflict", "exists already");
    EXPECT_EQ(run({"run", "-d", "-q", "web"}).out, "web-7777\n");
    ids_ = "2";
    EXPECT_EQ(run({"run", "-d", "-q", "web"}).exit, Exit::Conflict) << "but not for ever";
    EXPECT_EQ(node_.asked().size(), 5U);
}

TEST_F(Runs, ASubmissionGivenIsUsedAsItIs) {
    const std::string id = "00112233445566778899aabbccddeeff";
    node_.answers("PUT /v1/jobs/web-0011", kWritten);
    EXPECT_EQ(run({"run", "-d", "-q", "web", "--submission", id}).out, "web-0011\n");
    EXPECT_THAT(node_.lines(), ElementsAre("PUT /v1/jobs/web-0011?if_absent=1&submission=" + id));
}

TEST_F(Runs, GlobalFlagsAndAcksApply) {
    node_.answers("PUT /v1/jobs/web", kWritten);
    EXPECT_EQ(run({"--node", "b", "run", "--name", "web", "-d", "--acks", "2", "img"}).exit,
              Exit::Ok);
    EXPECT_THAT(node_.lines(), ElementsAre("PUT /v1/jobs/web?if_absent=1&submission=" + kSevens +
                                           "&acks=2&node=b"));
}

TEST_F(Runs, HelpNamesItsWords) {
    const auto help = run({"run", "--help"});
    EXPECT_EQ(help.exit, Exit::Ok);
    EXPECT_THAT(help.out, AllOf(HasSubstr("IMAGE"), HasSubstr("CMD"), HasSubstr("--publish"),
                                HasSubstr("[IP:]HOST:CONTAINER[/udp]")));
}

}  // namespace
}  // namespace shoal::cli
