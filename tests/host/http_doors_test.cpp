// Who gets in: the token, the Host and the Origin at the TCP port; the file of the UNIX socket.
#include "node/host/http/unix_socket.h"
#include "tests/host/http_caller.h"

#include <array>
#include <fstream>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace shoal::host::http::tests {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): ""s

class HttpTcpDoorTest : public ServerTest {
protected:
    void SetUp() override { serve(); }

    // GET / with these headers and nothing else.
    Answer ask(const std::string& headers) {
        Caller caller{loop, at};
        return caller.ask("GET / HTTP/1.1\r\n" + headers + "\r\n");
    }

    const std::string bearer = "Authorization: Bearer " + std::string{kToken} + "\r\n";
};

TEST_F(HttpTcpDoorTest, LetsInWhoHasTheToken) {
    EXPECT_EQ(ask("Host: localhost\r\n" + bearer).status, 200);
    EXPECT_EQ(
        ask("Host: localhost\r\nauthorization: bEARER  " + std::string{kToken} + "\r\n").status,
        200);
}

TEST_F(HttpTcpDoorTest, TellsTheHandlerTheAddressAndNeverTheToken) {
    ASSERT_EQ(ask("Host: localhost\r\n" + bearer).status, 200);
    const auto* peer = std::get_if<TcpPeer>(&requests.at(0).peer);
    ASSERT_NE(peer, nullptr);
    EXPECT_EQ(peer->address.ip, "127.0.0.1");
    EXPECT_FALSE(requests[0].headers.contains("authorization"));
}

TEST_F(HttpTcpDoorTest, TurnsAwayWhoHasNot) {
    const std::string token{kToken};
    for (const auto& shown :
         {""s, "Authorization: Bearer\r\n"s, "Authorization: Bearer \r\n"s,
          "Authorization: Bearer " + token + "x\r\n",
          "Authorization: Bearer " + token.substr(1) + "\r\n",
          "Authorization: Bearer " + std::string(token.size(), 'x') + "\r\n",
          "Authorization: Basic " + token + "\r\n", "Authorization: " + token + "\r\n",
          "Authorization: Bearer a\r\n" + bearer}) {
        SCOPED_TRACE(shown);
        const auto answer = ask("Host: localhost\r\n" + shown);
        EXPECT_EQ(answer.status, 401);
        EXPECT_EQ(answer.code(), "unauthorized");
        EXPECT_THAT(answer.head, HasSubstr("WWW-Authenticate: Bearer\r\n"));
    }
    EXPECT_TRUE(requests.empty());
}

TEST_F(HttpTcpDoorTest, AnswersToItsOwnNamesOnly) {
    const auto port = ":" + std::to_string(at.port);
    for (const auto& host : {"localhost"s, "LocalHost" + port, "127.0.0.1"s, "127.0.0.1" + port,
                             "127.9.9.9"s, "[::1]"s, "[::1]" + port}) {
        EXPECT_EQ(ask("Host: " + host + "\r\n" + bearer).status, 200) << host;
    }
    for (const auto& host : {""s, "evil.example"s, "evil.example" + port, "localhost.evil.example"s,
                             "10.0.0.1"s, "0.0.0.0"s, "127.0.0.1.evil.example"s,
                             "evil.example:127.0.0.1"s, "[::1"s, "user@localhost"s}) {
        const auto answer = ask("Host: " + host + "\r\n" + bearer);
        EXPECT_EQ(answer.status, 403) << host;
        EXPECT_EQ(answer.code(), "forbidden");
    }
    Caller old{loop, at};
    EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n" + bearer + "\r\n").status, 403);
}

TEST(HttpAdmission, AnswersToTheAddressItServes) {
    const std::string token = "t";
    const auto secret = std::make_shared<const Secret>(ByteView{to_bytes(token)});
    Request request{};
    request.headers = {{"host", "192.0.2.7:80"}, {"authorization", "Bearer t"}};
    EXPECT_FALSE(admit(request, {secret, asio::ip::make_address("192.0.2.7")}));
    EXPECT_FALSE(admit(request, {secret, asio::ip::make_address("::ffff:192.0.2.7")}));
    EXPECT_TRUE(admit(request, {secret, asio::ip::make_address("192.0.2.8")}));
}

TEST_F(HttpTcpDoorTest, AnswersNoWebPage) {
    for (const auto* origin : {"https://evil.example", "http://localhost", "null", ""}) {
        const auto answer = ask("Host: localhost\r\n" + bearer + "Origin: " + origin + "\r\n");
        EXPECT_EQ(answer.status, 403) << origin;
        EXPECT_EQ(answer.code(), "forbidden");
    }
}

TEST_F(HttpTcpDoorTest, TurnsAStrangerAwayBeforeTheBody) {
    Caller caller{loop, at};
    const auto answer = caller.ask(
        "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(answer.status, 401);
}

TEST_F(HttpTcpDoorTest, IsNotOpenedWithoutAToken) {
    const auto opened = server->listen_tcp({"127.0.0.1", 0}, "");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::Refused);
}

TEST_F(HttpTcpDoorTest, SaysThatThePortIsTaken) {
    HttpServer second{loop, {}, [](Request, Respond) {}};
    const auto opened = second.listen_tcp(at, kToken);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::Conflict);
    EXPECT_THAT(opened.error().detail, HasSubstr(to_string(at)));
}

class UnixSocketTest : public ::testing::Test {
protected:
    [[nodiscard]] Result<UnixListener> listen(const std::string& group = "no such group") {
        return listen_unix_socket(loop, path, group);
    }

    static struct stat look(const std::string& at) {
        struct stat out {};

        EXPECT_EQ(::lstat(at.c_str(), &out), 0) << at;
        return out;
    }

    // A socket file whose process has gone.
    void leave_behind() {
        asio::local::stream_protocol::acceptor dead{loop};
        dead.open();
        std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
        dead.bind(path);
        dead.listen();
    }

    asio::io_context loop;
    Folder folder;
    std::string path = folder.path + "/run/shoal.sock";
};

TEST_F(UnixSocketTest, MakesItsFolderAndAFileForItsGroup) {
    const auto before = ::umask(0077);
    const auto listener = listen();
    ::umask(before);
    ASSERT_TRUE(listener) << listener.error().detail;
    EXPECT_EQ(look(folder.path + "/run").st_mode & 07777U, 0755U);
    EXPECT_EQ(look(path).st_mode & 07777U, 0660U);
}

TEST_F(UnixSocketTest, NarrowsWhatTheUmaskLeavesOpen) {
    const auto before = ::umask(0);
    const auto listener = listen();
    ::umask(before);
    ASSERT_TRUE(listener);
    EXPECT_EQ(look(path).st_mode & 07777U, 0660U);
}

TEST_F(UnixSocketTest, GivesTheFileToTheGroupIfItMay) {
    // Any group but our own; only root may give a file to it.
    const auto* group = ::getgrnam("daemon");  // NOLINT(concurrency-mt-unsafe)
    ASSERT_NE(group, nullptr);
    const auto gid = group->gr_gid;
    const auto listener = listen("daemon");
    ASSERT_TRUE(listener) << listener.error().detail;
    EXPECT_EQ(look(path).st_gid, ::geteuid() == 0 ? gid : ::getegid());
}

TEST_F(UnixSocketTest, TakesThePlaceOfAStaleSocket) {
    leave_behind();
    ASSERT_TRUE(S_ISSOCK(look(path).st_mode));
    const auto listener = listen();
    ASSERT_TRUE(listener) << listener.error().detail;
    asio::local::stream_protocol::socket caller{loop};
    caller.connect(path);
}

TEST_F(UnixSocketTest, LeavesALiveSocketAlone) {
    const auto first = listen();
    ASSERT_TRUE(first);
    const auto inode = look(path).st_ino;
    const auto second = listen();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Conflict);
    EXPECT_THAT(second.error().detail, HasSubstr(path));
    EXPECT_EQ(look(path).st_ino, inode);
}

TEST_F(UnixSocketTest, LeavesALiveSocketAloneEvenIfItsQueueIsFull) {
    std::filesystem::create_directories(folder.path + "/run");
    asio::local::stream_protocol::acceptor busy{loop};
    busy.open();
    busy.bind(path);
    busy.listen(0);
    std::vector<asio::local::stream_protocol::socket> queue;
    asio::error_code full;
    while (!full) {
        queue.emplace_back(loop);
        queue.back().open();
        queue.back().non_blocking(true);
        queue.back().connect(path, full);
    }
    const auto second = listen();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Conflict);
}

TEST_F(UnixSocketTest, RemovesNothingThatIsNoSocket) {
    std::filesystem::create_directories(folder.path + "/run");
    std::ofstream{path} << "precious";
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Errc::Conflict);
    EXPECT_THAT(listener.error().detail, HasSubstr(path));
    EXPECT_TRUE(S_ISREG(look(path).st_mode));
}

TEST_F(UnixSocketTest, RemovesItsFileWhenItGoes) {
    {
        const auto listener = listen();
        ASSERT_TRUE(listener);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixSocketTest, LeavesAnothersFileWhenItGoes) {
    auto listener = std::make_optional(listen());
    ASSERT_TRUE(*listener);
    // Moved, not removed: the inode stays taken, so the new file cannot be given its number.
    std::filesystem::rename(path, path + ".old");
    leave_behind();
    listener.reset();
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(UnixSocketTest, SaysWhichPathIsTooLong) {
    path = folder.path + "/" + std::string(200, 'x');
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Errc::TooLarge);
    EXPECT_THAT(listener.error().detail, HasSubstr(path));
}

TEST_F(UnixSocketTest, SaysWhatItMayNotMake) {
    path = folder.path + "/a/b/shoal.sock";
    const auto listener = listen();
    ASSERT_FALSE(listener);
    EXPECT_THAT(listener.error().detail, HasSubstr(folder.path + "/a/b"));
}

}  // namespace
}  // namespace shoal::host::http::tests
