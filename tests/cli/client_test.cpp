// Reaching a node: the addresses in order, what silence means, and ssh.
#include "tests/cli/cli_test.h"

#include <fstream>
#include <netinet/in.h>
#include <sys/fsuid.h>

namespace shoal::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Reaching : public CliTest {
protected:
    Reaching() { node_.answers("GET /v1/jobs", "[]"); }

    std::string nobody() const { return "unix://" + node_.folder() + "/none"; }

    void reach(const std::string& list) { environment_["SHOAL_ADDR"] = list; }

    // A program by the name `ssh`, found first, that does what `script` says.
    void ssh_is(const std::string& script) {
        const auto file = node_.folder() + "/ssh";
        std::ofstream{file} << "#!/bin/sh\n" << script;
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        path_before_ = std::getenv("PATH");
        ::setenv("PATH", (node_.folder() + ":" + path_before_).c_str(), 1);
    }

    void TearDown() override {
        if (!path_before_.empty()) ::setenv("PATH", path_before_.c_str(), 1);
    }

    [[nodiscard]] std::string file(const std::string& name) const {
        std::ifstream in{node_.folder() + "/" + name};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

private:
    std::string path_before_;
};

TEST_F(Reaching, NobodySaysWhereItTriedAndWhatToStart) {
    reach(nobody());
    const auto ran = run({"job", "ls"});
    EXPECT_EQ(ran.exit, Exit::Unreachable);
    EXPECT_EQ(ran.err, "shoal: cannot list the jobs\n       " + nobody() +
                           ": no such socket; the agent is not running\n"
                           "       try: start it with 'shoal agent'\n");
    EXPECT_EQ(ran.out, "");
}

TEST_F(Reaching, ASocketNobodyListensOnIsNamedAsSuch) {
    const auto path = node_.folder() + "/dead";
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    reach("unix://" + path);
    EXPECT_THAT(run({"job", "ls"}).err, HasSubstr("the socket is there, the agent is not running"));
    ::close(socket);
}

TEST_F(Reaching, ASocketOneMayNotOpenSaysWhoMay) {
    std::filesystem::permissions(node_.path(), std::filesystem::perms::none);
    // Root may open anything; as the user nobody, for files alone, it may not.
    const int before = ::setfsuid(65'534);
    const auto ran = run({"job", "ls"});
    ::setfsuid(static_cast<uid_t>(before));
    EXPECT_EQ(ran.exit, Exit::Unreachable);
    EXPECT_THAT(ran.err, HasSubstr(": permission denied\n"));
    EXPECT_THAT(ran.err, HasSubstr("try: run it as root, or join the group shoal"));
}

TEST_F(Reaching, GoesOnToTheNextAddressAndSaysSoInOneLine) {
    reach(nobody() + "," + node_.address());
    const auto ran = run({"job", "ls", "-q"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.err, nobody() + ": no such socket; the agent is not running; asked " +
                           node_.address() + " instead\n");
}

TEST_F(Reaching, StaysWithTheAddressThatAnswered) {
    reach(nobody() + "," + node_.address());
    stops_after(2);
    const auto ran = run({"job", "ls", "-w", "-q"});
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_THAT(node_.asked(), SizeIs(3));
}

TEST_F(Reaching, AskingAgainElsewhereIsForQueriesAndWritesWithAnId) {
    FakeNode deaf;
    deaf.behaves(FakeNode::Manner::HangsUp);
    reach(deaf.address() + "," + node_.address());
    EXPECT_EQ(run({"job", "ls"}).exit, Exit::Ok);

    node_.answers("PUT /v1/kv/k", R"({"generation": 1, "acked": 1, "wanted": 1})");
    EXPECT_EQ(run({"kv", "put", "k", "v"}).exit, Exit::Ok);
    EXPECT_EQ(deaf.lines().back(), node_.lines().back()) << "the same submission";

    node_.answers("POST /v1/leave", "{}");
    const auto before = node_.asked().size();
    const auto ran = run({"leave", "-y"});
    EXPECT_EQ(ran.exit, Exit::Unreachable) << "another node must not leave in its place";
    EXPECT_THAT(ran.err, HasSubstr("it may have happened all the same"));
    EXPECT_THAT(node_.asked(), SizeIs(before));
}

TEST_F(Reaching, CommandsAboutOneNodeMayGoOnWhenNobodyGotThem) {
    node_.answers("POST /v1/reset", R"({"deleted": []})");
    reach(nobody() + "," + node_.address());
    EXPECT_EQ(run({"reset", "-y"}).exit, Exit::Ok);
}

TEST_F(Reaching, ANodeThatSaysNothingIsATimeout) {
    node_.behaves(FakeNode::Manner::SaysNothing);
    const auto ran = run({"job", "ls", "--timeout", "50ms"});
    EXPECT_EQ(ran.exit, Exit::TimedOut);
    EXPECT_THAT(ran.err, HasSubstr("no answer in time"));
}

TEST_F(Reaching, WhatIsNotShoalIsSaidToBeNot) {
    node_.answers("GET /v1/nodes", "<html>hello</html>");
    const auto ran = run({"node", "ls"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.err, HasSubstr("something that is not shoal's"));
    node_.answers("GET /v1/status", R"({"error": "of another kind"})", 500);
    EXPECT_EQ(run({"status"}).exit, Exit::Failed);
}

TEST_F(Reaching, ErrorsOfTheApiBecomeExitStatuses) {
    struct Row {
        int status;
        const char* code;
        Exit exit;
    };

    const Row rows[] = {{404, "not-found", Exit::Failed},
                        {409, "conflict", Exit::Conflict},
                        {409, "not-member", Exit::Failed},
                        {503, "unavailable", Exit::Unreachable},
                        {504, "timeout", Exit::TimedOut}};
    for (const auto& row : rows) {
        FakeNode node;
        reach(node.address());
        node.refuses("GET /v1/jobs", row.status, row.code, "so it is", "do that");
        const auto ran = run({"job", "ls"});
        EXPECT_EQ(ran.exit, row.exit) << row.code;
        EXPECT_EQ(ran.err, "shoal: cannot list the jobs\n       so it is\n       try: do that\n");
    }
}

TEST_F(Reaching, TheTokenGoesNowhereButOverHttp) {
    environment_["SHOAL_API_TOKEN"] = "secret";
    EXPECT_EQ(run({"job", "ls"}).exit, Exit::Ok);
    EXPECT_THAT(node_.asked()[0].headers, Not(HasSubstr("secret")));
    EXPECT_THAT(node_.asked()[0].headers, HasSubstr("Host: localhost"));
    environment_.erase("SHOAL_API_TOKEN");
    environment_["SHOAL_API_TOKEN_FILE"] = node_.folder() + "/none";
    EXPECT_EQ(run({"job", "ls"}).exit, Exit::Usage);
}

TEST_F(Reaching, AnAddressThatIsNoneIsAMistakeOfUsage) {
    reach("tcp://x");
    const auto ran = run({"job", "ls"});
    EXPECT_EQ(ran.exit, Exit::Usage);
    EXPECT_THAT(ran.err, HasSubstr("SHOAL_ADDR: 'tcp://x' is not an address"));
}

TEST_F(Reaching, SshRunsDialStdioOnTheOtherSide) {
    ssh_is(R"sh(echo "$@" > "$(dirname "$0")/arguments"
while read -r line; do
    [ "$line" = "$(printf '\r')" ] && break
    echo "$line" >> "$(dirname "$0")/request"
done
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'
)sh");
    reach("ssh://root@far:2222");
    const auto ran = run({"job", "ls", "-o", "json"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out, "[]\n");
    EXPECT_EQ(file("arguments"), "-p 2222 -T -- root@far shoal dial-stdio\n");
    EXPECT_THAT(file("request"), HasSubstr("GET /v1/jobs HTTP/1.1"));
    EXPECT_THAT(file("request"), HasSubstr("Host: localhost"));
}

TEST_F(Reaching, SshThatFailsSaysHowItEnded) {
    ssh_is("exit 255\n");
    reach("ssh://root@far");
    const auto ran = run({"job", "ls"});
    EXPECT_EQ(ran.exit, Exit::Unreachable);
    EXPECT_THAT(ran.err, HasSubstr("ssh://root@far: ssh exited with status 255"));
    reach("ssh://root@far," + node_.address());
    EXPECT_EQ(run({"job", "ls"}).exit, Exit::Ok);
}

// A listener on loopback that keeps what one client said.
TEST_F(Reaching, HttpCarriesTheBearerToken) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    std::string heard;
    std::thread server{[&] {
        const int peer = ::accept(listener, nullptr, nullptr);
        std::array<char, 4096> buffer{};
        while (heard.find("\r\n\r\n") == std::string::npos) {
            const auto count = ::read(peer, buffer.data(), buffer.size());
            if (count <= 0) break;
            heard.append(buffer.data(), static_cast<std::size_t>(count));
        }
        const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";
        (void)!::write(peer, answer.data(), answer.size());
        ::close(peer);
    }};
    std::ofstream{node_.folder() + "/token"} << "secret\n";
    environment_["SHOAL_API_TOKEN_FILE"] = node_.folder() + "/token";
    environment_["http_proxy"] = "http://127.0.0.1:1";
    reach("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
    const auto ran = run({"job", "ls", "-q"});
    server.join();
    ::close(listener);
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_THAT(heard, HasSubstr("Authorization: Bearer secret\r\n"));
}

}  // namespace
}  // namespace shoal::cli
