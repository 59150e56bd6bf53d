// `shoal join`: where the token comes from, and how long it waits for what.
#include "tests/cli/cli_test.h"

#include <fstream>

namespace shoal::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Join : public CliTest {
protected:
    Join() {
        node_.answers("POST /v1/join", R"({"cluster": "c4ca", "joined": true, "state": "joining"})",
                      202);
    }

    void becomes_a_member() {
        node_.answers("GET /v1/status",
                      R"({"state": "member", "cluster": "c4ca", "nodes": {"alive": 2}})");
    }

    nlohmann::json sent() const { return nlohmann::json::parse(node_.asked().at(0).body); }
};

TEST_F(Join, SendsSeedsAndTokenAndWaitsForTheFirstMember) {
    node_.answers("GET /v1/status", R"({"state": "joining", "seeds": []})");
    becomes_a_member();
    const auto ran = run({"join", "10.0.0.1:7373", "seed", "--token-file", "-"}, "shoal1-abc");
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out, "member of cluster c4ca, 2 nodes alive\n");
    EXPECT_THAT(node_.lines(), ElementsAre("POST /v1/join", "GET /v1/status", "GET /v1/status"));
    EXPECT_EQ(sent(),
              (nlohmann::json{{"seeds", {"10.0.0.1:7373", "seed"}}, {"token", "shoal1-abc"}}));
}

TEST_F(Join, TakesTheTokenFromAFileOrTheEnvironmentTrimmed) {
    becomes_a_member();
    const auto file = node_.folder() + "/token";
    std::ofstream{file} << "  shoal1-file\n\n";
    environment_["SHOAL_TOKEN"] = "shoal1-environment";
    EXPECT_EQ(run({"join", "a", "--token-file", file}).exit, Exit::Ok);
    EXPECT_EQ(sent()["token"], "shoal1-file");
    EXPECT_EQ(run({"join", "a", "-q"}).out, "");
    EXPECT_EQ(nlohmann::json::parse(node_.asked()[2].body)["token"], "shoal1-environment");
}

TEST_F(Join, AsksForTheTokenOnATerminal) {
    becomes_a_member();
    in_is_terminal_ = true;
    const auto ran = run({"join", "a"}, "shoal1-typed\n");
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_THAT(ran.err, HasSubstr("token: "));
    EXPECT_THAT(ran.err + ran.out, Not(HasSubstr("shoal1-typed")));
    EXPECT_EQ(sent()["token"], "shoal1-typed");
}

TEST_F(Join, WithoutATokenSaysHowToGiveOne) {
    const auto ran = run({"join", "a"}, "shoal1-not-asked-for");
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_THAT(ran.err, HasSubstr("--token-file FILE"));
    EXPECT_EQ(run({"join", "a", "--token-file", "-"}, "\n").exit, Exit::Usage);
    EXPECT_EQ(run({"join", "a", "--token-file", node_.folder() + "/none"}).exit, Exit::Failed);
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Join, NeverTakesATokenAsAnArgument) {
    EXPECT_EQ(run({"join", "a", "--token", "shoal1-abc"}).exit, Exit::Usage);
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Join, AddressesOfIpv6KeepTheirBrackets) {
    becomes_a_member();
    EXPECT_EQ(run({"join", "[::1]", "[::2]:7373", "fe80::3", "--token-file", "-"}, "t").exit,
              Exit::Ok);
    EXPECT_EQ(sent()["seeds"], (nlohmann::json{"[::1]", "[::2]:7373", "[fe80::3]"}));
}

TEST_F(Join, EndsAtOnceWhenEverySeedHasSaidNo) {
    node_.answers("GET /v1/status", R"({"state": "joining", "seeds": [
        {"address": "a:7373", "error": "another cluster", "rejected": true},
        {"address": "b:7373", "error": "silent", "rejected": false}]})");
    node_.answers("GET /v1/status", R"({"state": "joining", "seeds": [
        {"address": "a:7373", "error": "another cluster", "rejected": true},
        {"address": "b:7373", "error": "another key", "rejected": true}]})");
    const auto ran = run({"join", "a", "b", "--token-file", "-"}, "t");
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_EQ(ran.err,
              "shoal: cannot join the cluster\n"
              "       a:7373: another cluster\n"
              "       b:7373: another key\n"
              "       try: shoal reset, then join with what 'shoal token' prints on a member\n");
}

TEST_F(Join, ThatTakesTooLongSaysForEachSeedWhyAndThatTheAgentGoesOn) {
    node_.answers("GET /v1/status", R"({"state": "joining", "seeds": [
        {"address": "10.0.0.1:7373", "error": "connection refused"},
        {"address": "10.0.0.2:7373", "error": ""}]})");
    const auto ran = run(
        {"join", "10.0.0.1:7373", "10.0.0.2", "c", "--token-file", "-", "--timeout", "3s"}, "t");
    EXPECT_EQ(ran.exit, Exit::TimedOut);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(
        ran.err,
        "shoal: cannot say yet that this node joined: no member answered within 3s\n"
        "       10.0.0.1:7373: connection refused\n"
        "       10.0.0.2:7373: no answer yet\n"
        "       c: not tried yet\n"
        "       try: nothing, if that passes: the agent keeps trying; shoal status shows it\n");
    EXPECT_EQ(now_, std::chrono::seconds{3});
}

TEST_F(Join, WaitsThirtySecondsUnlessToldOtherwise) {
    node_.answers("GET /v1/status", R"({"state": "joining"})");
    EXPECT_EQ(run({"join", "a", "--token-file", "-"}, "t").exit, Exit::TimedOut);
    EXPECT_EQ(now_, std::chrono::seconds{30});
}

TEST_F(Join, OfAnotherClusterIsAConflictInTheNodesOwnWords) {
    FakeNode other;
    environment_["SHOAL_ADDR"] = other.address();
    other.refuses("POST /v1/join", 409, "conflict",
                  "this node is in cluster aaaa, the token is of bbbb", "shoal reset");
    const auto ran = run({"join", "a", "--token-file", "-"}, "t");
    EXPECT_EQ(ran.exit, Exit::Conflict);
    EXPECT_EQ(ran.err,
              "shoal: cannot join the cluster\n"
              "       this node is in cluster aaaa, the token is of bbbb\n"
              "       try: shoal reset\n");
}

}  // namespace
}  // namespace shoal::cli
