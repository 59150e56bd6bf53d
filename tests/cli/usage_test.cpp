// The command line itself: mistakes, help, completion, and the pipe behind ssh://.
#include "cli/dial_stdio.h"
#include "tests/cli/cli_test.h"

#include <fcntl.h>

namespace shoal::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Usage = CliTest;

TEST_F(Usage, MistakesExit2AndNameTheHelpToRead) {
    const std::vector<std::vector<std::string>> mistakes = {
        {},
        {"frobnicate"},
        {"job"},
        {"job", "frobnicate"},
        {"job", "ls", "surplus"},
        {"job", "ls", "--frobnicate"},
        {"job", "inspect"},
        {"job", "ls", "-o", "xml"},
        {"job", "ls", "--timeout", "soon"},
        {"job", "ls", "--timeout"},
        {"job", "ls", "--acks", "3"},
        {"kv", "put", "k", "v", "--acks", "many"},
        {"kv", "put", "k", "v", "-w"},
        {"leave", "-w", "-y"},
        {"join"},
        {"completion", "tcsh"},
    };
    for (const auto& words : mistakes) {
        const auto ran = run(words);
        const auto line = ::testing::PrintToString(words);
        EXPECT_EQ(ran.exit, Exit::Usage) << line << ran.out;
        EXPECT_EQ(ran.out, "") << line;
        EXPECT_THAT(ran.err, HasSubstr("shoal: ")) << line;
        EXPECT_LE(std::count(ran.err.begin(), ran.err.end(), '\n'), 3) << line << ran.err;
    }
    EXPECT_THAT(run({"job", "inspect"}).err, HasSubstr("try: shoal job inspect --help"));
    EXPECT_THAT(node_.asked(), IsEmpty());
}

TEST_F(Usage, GlobalFlagsStandAnywhere) {
    node_.answers("GET /v1/jobs", R"([{"name": "web"}])");
    for (const std::vector<std::string>& words : {std::vector<std::string>{"-q", "job", "ls"},
                                                  {"job", "-q", "ls"},
                                                  {"job", "ls", "-q"},
                                                  {"-o", "name", "job", "ls"},
                                                  {"job", "ls", "--output=name"}}) {
        const auto ran = run(words);
        EXPECT_EQ(ran.out, "web\n") << ::testing::PrintToString(words) << ran.err;
    }
}

TEST_F(Usage, HelpIsAnAnswer) {
    const auto ran = run({"--help"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_THAT(ran.out,
                AllOf(HasSubstr("status"), HasSubstr("SHOAL_ADDR"), HasSubstr("--timeout")));
    EXPECT_THAT(ran.out, AllOf(Not(HasSubstr("dial-stdio")), Not(HasSubstr("__complete"))));
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(run({"job", "apply", "--help"}).out, HasSubstr("--wait"));
}

TEST_F(Usage, NamesThatAreAlsoCommandsAreNames) {
    node_.answers("GET /v1/jobs/status", R"({"name": "status"})");
    node_.answers("GET /v1/kv/ls", R"({"key": "ls", "value": "v"})");
    EXPECT_EQ(run({"job", "inspect", "status", "-q"}).out, "status\n");
    EXPECT_EQ(run({"kv", "get", "ls"}).out, "v");
}

TEST_F(Usage, TheNodeToAskIsEscaped) {
    node_.answers("GET /v1/jobs", "[]");
    EXPECT_EQ(run({"job", "ls", "--node", "b&c"}).exit, Exit::Ok);
    EXPECT_EQ(node_.lines().front(), "GET /v1/jobs?node=b%26c");
}

TEST_F(Usage, CompletionScriptsCallTheProgramBack) {
    environment_["SHOAL_ADDR"] = "not an address";  // no node is needed
    for (const auto* shell : {"bash", "zsh", "fish"}) {
        const auto ran = run({"completion", shell});
        EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
        EXPECT_THAT(ran.out, HasSubstr("shoal __complete -- ")) << shell;
    }
}

TEST_F(Usage, CompletionKnowsCommandsFlagsAndWhatIsInTheCluster) {
    node_.answers("GET /v1/jobs", R"([{"name": "web"}, {"name": "worker"}, {"name": "db"}])");
    node_.answers("GET /v1/nodes", R"([{"name": "a"}])");
    node_.answers("GET /v1/kv", R"([{"key": "app/x"}])");
    const auto complete = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"__complete", "--"});
        const auto ran = run(std::move(words));
        EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
        return ran.out;
    };
    EXPECT_EQ(complete({"jo"}), "join\njob\n");
    EXPECT_EQ(complete({"job", ""}), "apply\nls\ninspect\nscale\nrm\n");
    EXPECT_EQ(complete({"job", "inspect", "w"}), "web\nworker\n");
    EXPECT_EQ(complete({"explain", ""}), "web\nworker\ndb\n");
    EXPECT_EQ(complete({"node", "inspect", ""}), "a\n");
    EXPECT_EQ(complete({"kv", "get", "app"}), "app/x\n");
    EXPECT_EQ(complete({"job", "apply", "--w"}), "--wait\n--watch\n");
    EXPECT_EQ(complete({"job", "apply", ""}), "") << "the shell offers files";
    EXPECT_THAT(complete({""}), Not(HasSubstr("dial-stdio")));
    environment_["SHOAL_ADDR"] = "unix://" + node_.folder() + "/none";
    EXPECT_EQ(complete({"explain", ""}), "");
}

TEST_F(Usage, TheManualPageIsMadeOfTheHelp) {
    environment_["SHOAL_ADDR"] = "not an address";  // no node is needed
    const auto page = run({"__manual"}).out;
    EXPECT_TRUE(page.starts_with(".TH SHOAL 1 "));
    EXPECT_THAT(page, AllOf(HasSubstr(".SS shoal run\n"), HasSubstr(".SS shoal job apply\n"),
                            HasSubstr("\\-\\-replicas N"), HasSubstr("Exit status: 0 ok")));
    EXPECT_THAT(page, AllOf(Not(HasSubstr("__complete")), Not(HasSubstr("__manual")),
                            Not(HasSubstr("dial"))));
}

TEST(DialStdio, CarriesBothDirectionsUntilTheOtherSideIsDone) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(in.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    bool good = false;
    std::thread pumping{[&] { good = pump(in[0], out[1], ends[0]); }};

    const auto read_from = [](int from) {
        std::array<char, 64> buffer{};
        const auto count = ::read(from, buffer.data(), buffer.size());
        return std::string(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    };
    ASSERT_EQ(::write(in[1], "question", 8), 8);
    EXPECT_EQ(read_from(ends[1]), "question");
    ::close(in[1]);
    EXPECT_EQ(read_from(ends[1]), "") << "the end of the input is passed on";
    ASSERT_EQ(::write(ends[1], "answer", 6), 6);
    EXPECT_EQ(read_from(out[0]), "answer") << "and the answer still comes";
    ::close(ends[1]);
    pumping.join();
    EXPECT_TRUE(good);
    for (const int descriptor : {in[0], out[0], out[1], ends[0]}) {
        ::close(descriptor);
    }
}

}  // namespace
}  // namespace shoal::cli
