#include "node/host/identity/cluster_file.h"
#include "node/host/identity/data_directory.h"
#include "node/host/identity/files.h"
#include "node/host/identity/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace shoal::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Scratch {
public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "shoal-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

    void write(const std::string& name, const std::string& text, mode_t mode) const {
        std::ofstream{path(name)} << text;
        ::chmod(path(name).c_str(), mode);
    }

private:
    std::string path_;
};

mode_t mode_of(const std::string& path) {
    struct stat facts {};

    EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 07777U;
}

std::string read(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

JoinToken token_of(std::uint8_t seed) {
    const Bytes key(kClusterKeyBytes, seed);
    return {{seed, 2}, Secret{ByteView{key}}};
}

TEST(JoinTokenText, ReadsBackWhatItWrote) {
    const auto made = token_of(9);
    const auto text = make_token(made);
    EXPECT_TRUE(text.starts_with("shoal1-"));
    const auto read = parse_token("  " + text + "\n");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->cluster, made.cluster);
    EXPECT_TRUE(read->key.same_as(made.key));
}

TEST(JoinTokenText, IsAlwaysTheSameForTheSameCluster) {
    // Printed tokens are kept in other people's scripts: this text may never change.
    EXPECT_EQ(make_token(token_of(0)),
              "shoal1-AQAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJt1Rlo");
}

TEST(JoinTokenText, SaysWhatIsWrongWithIt) {
    const auto good = make_token(token_of(9));
    auto swapped = good;
    swapped[20] = swapped[20] == 'A' ? 'B' : 'A';
    auto foreign = good;
    foreign[12] = '!';

    struct Case {
        const char* why;
        std::string text;
        const char* says;
    };

    const std::vector<Case> cases{
        {"empty", "", "is empty"},
        {"blank", " \n", "is empty"},
        {"something else", "SWMTKN-1-abc", "this is no join token"},
        {"no number", "shoal-abc", "this is no join token"},
        {"letters for a number", "shoalx-abc", "this is no join token"},
        {"a later version", "shoal2-abc", "of version 2; shoal"},
        {"cut short", good.substr(0, good.size() - 5), "truncated"},
        {"only the prefix", "shoal1-", "truncated"},
        {"pasted twice", good + good, "too long"},
        {"too long", good + "AAAA", "too long"},
        {"a character that cannot be", foreign, "mistyped: character 13"},
        {"a wrong character", swapped, "mistyped: its checksum"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        const auto read = parse_token(c.text);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().detail, HasSubstr(c.says));
        if (c.text.size() > 20) {
            EXPECT_THAT(read.error().detail, Not(HasSubstr(c.text.substr(10, 8))))
                << "a token must not be repeated in a message";
        }
    }
}

TEST(JoinTokenText, NoticesEveryWrongCharacter) {
    const auto good = make_token(token_of(9));
    for (std::size_t i = 7; i < good.size(); ++i) {
        for (const char other : {'A', 'z', '0', '_'}) {
            if (good[i] == other) continue;
            auto bad = good;
            bad[i] = other;
            EXPECT_FALSE(parse_token(bad)) << i << " " << other;
        }
    }
}

TEST(JoinTokenSource, IsAFile) {
    const Scratch scratch;
    scratch.write("token", make_token(token_of(9)) + "\n", 0600);
    const auto read = read_token(scratch.path("token"));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->token.cluster, token_of(9).cluster);
    EXPECT_EQ(read->warning, "");
}

TEST(JoinTokenSource, WarnsOfAFileOthersCanRead) {
    const Scratch scratch;
    scratch.write("token", make_token(token_of(9)), 0644);
    const auto read = read_token(scratch.path("token"));
    ASSERT_TRUE(read);
    EXPECT_THAT(read->warning, HasSubstr("chmod 600 " + scratch.path("token")));
}

TEST(JoinTokenSource, IsTheEnvironmentWhenNoFileIsNamed) {
    ASSERT_EQ(::setenv("SHOAL_TOKEN", make_token(token_of(9)).c_str(), 1), 0);
    EXPECT_TRUE(read_token(""));
    ASSERT_EQ(::setenv("SHOAL_TOKEN", "shoal1-abc", 1), 0);
    EXPECT_THAT(read_token("").error().detail, HasSubstr("SHOAL_TOKEN: the join token is trunc"));
    ASSERT_EQ(::unsetenv("SHOAL_TOKEN"), 0);
    EXPECT_EQ(read_token("").error().code, Errc::NotFound);
}

TEST(JoinTokenSource, SaysWhatItCouldNotRead) {
    const Scratch scratch;
    EXPECT_EQ(read_token(scratch.path("none")).error().code, Errc::NotFound);
    scratch.write("big", std::string(10000, 'x'), 0600);
    EXPECT_EQ(read_token(scratch.path("big")).error().code, Errc::TooLarge);
    EXPECT_THAT(read_token(scratch.path("")).error().detail, HasSubstr("is a directory"));
}

TEST(PrivateFiles, AreRefusedWhenOthersMayTouchThem) {
    struct Case {
        const char* why;
        FileFacts facts;
        const char* says;  // "": fine
    };

    const std::vector<Case> cases{
        {"a key as it should be", {0600, 0, false}, ""},
        {"read-only is narrower still", {0400, 0, false}, ""},
        {"readable by the group", {0640, 0, false}, "has mode 0640"},
        {"readable by all", {0604, 0, false}, "chmod 600 /x"},
        {"writable by all", {0602, 0, false}, "chmod 600 /x"},
        {"a directory as it should be", {0700, 0, true}, ""},
        {"a directory others can list", {0755, 0, true}, "chmod 700 /x"},
        {"a directory others can pass through", {0711, 0, true}, "data directory /x has mode 0711"},
        {"somebody else's",
         {0600, 1000, false},
         "belongs to user 1000, but this process runs as "
         "user 0"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        const auto fine = check_private("/x", c.facts, 0);
        EXPECT_EQ(fine.has_value(), *c.says == '\0');
        if (!fine) {
            EXPECT_EQ(fine.error().code, Errc::Denied);
            EXPECT_THAT(fine.error().detail, HasSubstr(c.says));
        }
    }
}

TEST(PrivateFiles, AreWrittenWholeAndForTheOwnerOnly) {
    const Scratch scratch;
    const auto path = scratch.path("file");
    ASSERT_TRUE(write_private_file(path, to_bytes("one")));
    ASSERT_TRUE(write_private_file(path, to_bytes("two")));
    EXPECT_EQ(read(path), "two");
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_FALSE(exists(path + ".tmp"));
}

TEST(PrivateFiles, AreNotFollowedThroughALink) {
    const Scratch scratch;
    scratch.write("real", "secret", 0600);
    ASSERT_EQ(::symlink(scratch.path("real").c_str(), scratch.path("link").c_str()), 0);
    EXPECT_FALSE(read_private_file(scratch.path("link"), 100));
    EXPECT_TRUE(read_private_file(scratch.path("real"), 100));
}

class DataDirectoryTest : public ::testing::Test {
protected:
    [[nodiscard]] DataDirectory open() const {
        auto opened = DataDirectory::open(path);
        EXPECT_TRUE(opened) << opened.error().detail;
        return std::move(*opened);
    }

    const Scratch scratch{};
    const std::string path = scratch.path("data");
};

TEST_F(DataDirectoryTest, IsMadeForTheOwnerOnly) {
    const auto directory = open();
    EXPECT_EQ(mode_of(path), 0700U);
    EXPECT_FALSE(directory.has_identity());
    EXPECT_FALSE(directory.membership()->has_value());
}

TEST_F(DataDirectoryTest, IsRefusedWhenOthersCanEnter) {
    ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0750), 0);
    const auto opened = DataDirectory::open(path);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().detail, HasSubstr("has mode 0750"));
    EXPECT_THAT(opened.error().detail, HasSubstr("chmod 700 " + path));
}

TEST_F(DataDirectoryTest, ServesOneAgentAtATime) {
    {
        const auto first = open();
        const auto second = DataDirectory::open(path);
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, Errc::Conflict);
        EXPECT_THAT(second.error().detail, HasSubstr("in use by another shoal agent (process " +
                                                     std::to_string(::getpid()) + ")"));
    }
    EXPECT_TRUE(DataDirectory::open(path)) << "the lock goes with its holder";
}

TEST_F(DataDirectoryTest, KeepsTheIdentityItMade) {
    const auto first = open().identity();
    const auto second = open().identity();
    ASSERT_TRUE(first);
    ASSERT_TRUE(second);
    EXPECT_EQ(first->id(), second->id());
    EXPECT_EQ(mode_of(path + "/identity.key"), 0600U);
}

TEST_F(DataDirectoryTest, RefusesAKeyOthersCanRead) {
    ASSERT_TRUE(open().identity());
    ASSERT_EQ(::chmod((path + "/identity.key").c_str(), 0644), 0);
    const auto identity = open().identity();
    ASSERT_FALSE(identity);
    EXPECT_THAT(identity.error().detail, HasSubstr("chmod 600 " + path + "/identity.key"));
}

TEST_F(DataDirectoryTest, RefusesADamagedKeyInsteadOfMakingAnother) {
    ASSERT_TRUE(open().identity());
    std::filesystem::resize_file(path + "/identity.key", 7);
    const auto identity = open().identity();
    ASSERT_FALSE(identity);
    EXPECT_THAT(identity.error().detail, HasSubstr("is damaged: 7 bytes instead of 32"));
}

TEST_F(DataDirectoryTest, RemembersItsCluster) {
    const auto home = found_cluster("home: sweet");
    ASSERT_TRUE(open().enter(home));
    const auto found = open().membership();
    ASSERT_TRUE(found);
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->cluster, home.cluster);
    EXPECT_EQ((*found)->name, "home: sweet");
    EXPECT_TRUE((*found)->key.same_as(home.key));
    EXPECT_EQ(mode_of(path + "/cluster.key"), 0600U);
}

TEST_F(DataDirectoryTest, EntersTheSameClusterTwiceAndNoOther) {
    const auto home = found_cluster("home");
    const auto away = found_cluster("away");
    auto directory = open();
    ASSERT_TRUE(directory.enter(home));
    EXPECT_TRUE(directory.enter(home));
    const auto refused = directory.enter(away);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Conflict);
    EXPECT_THAT(refused.error().detail, HasSubstr("\"home\" (" + to_short(home.cluster) + ")"));
    EXPECT_THAT(refused.error().detail, HasSubstr("\"away\" (" + to_short(away.cluster) + ")"));
    EXPECT_EQ((*directory.membership())->cluster, home.cluster);
}

TEST_F(DataDirectoryTest, RefusesTheSameClusterUnderAnotherKey) {
    auto home = found_cluster("home");
    auto directory = open();
    ASSERT_TRUE(directory.enter(home));
    home.key = Secret::random(kClusterKeyBytes);
    EXPECT_EQ(directory.enter(home).error().code, Errc::Conflict);
}

TEST_F(DataDirectoryTest, IsInNoClusterAfterACrashBetweenKeyAndFile) {
    auto directory = open();
    ASSERT_TRUE(directory.enter(found_cluster("home")));
    std::filesystem::remove(path + "/cluster.yaml");
    EXPECT_FALSE(directory.membership()->has_value());
    EXPECT_TRUE(directory.enter(found_cluster("away")));
}

TEST_F(DataDirectoryTest, RefusesANewerFormatNamingTheVersionNeeded) {
    auto directory = open();
    ASSERT_TRUE(directory.enter(found_cluster("home")));
    ASSERT_TRUE(write_private_file(
        path + "/cluster.yaml",
        to_bytes(write_cluster_file({DataDirectory::kFormat + 1, "7.8.9", {1, 2}, "home"}))));
    const auto found = directory.membership();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::Refused);
    EXPECT_THAT(found.error().detail, HasSubstr("needs shoal 7.8.9 or newer"));
}

TEST_F(DataDirectoryTest, ResetsToNothingAndSaysWhatItDeleted) {
    auto directory = open();
    ASSERT_TRUE(directory.identity());
    ASSERT_TRUE(directory.enter(found_cluster("home")));
    std::filesystem::create_directory(directory.state_path());
    std::ofstream{directory.state_path() + "/MANIFEST"} << "x";
    const auto expected = directory.belongings();
    const auto deleted = directory.reset();
    ASSERT_TRUE(deleted);
    EXPECT_EQ(*deleted, expected);
    EXPECT_THAT(*deleted, ElementsAre(path + "/cluster.yaml", path + "/cluster.key",
                                      path + "/state", path + "/identity.key"));
    EXPECT_TRUE(directory.belongings().empty());
    EXPECT_FALSE(directory.membership()->has_value());
}

TEST(ClusterFileText, SaysWhatIsMissing) {
    struct Case {
        const char* why;
        const char* text;
        const char* says;
    };

    for (const auto& c : std::vector<Case>{
             {"empty", "", "no readable line \"format\""},
             {"no number", "format: x\n", "no readable line \"format\""},
             {"no cluster", "format: 1\n", "no line \"cluster\""},
             {"no id", "format: 1\ncluster: 12\n", "\"cluster\" is no cluster id"},
             {"newer, unknown need", "format: 2\n", "needs a newer shoal"},
         }) {
        SCOPED_TRACE(c.why);
        const auto read = read_cluster_file(c.text, 1, "/x");
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().detail, HasSubstr(c.says));
    }
}

TEST(SodiumSigner, SignsAsRfc8032Says) {
    // RFC 8032, 7.1, TEST 1: the empty message.
    const auto seed = Bytes{0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                            0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                            0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    const auto signer = SodiumSigner::from_seed(Secret{ByteView{seed}});
    ASSERT_TRUE(signer);
    EXPECT_EQ(signer->public_key().bytes[0], 0xd7);
    EXPECT_EQ(signer->public_key().bytes[31], 0x1a);
    const auto signature = signer->sign({});
    EXPECT_EQ(signature.bytes[0], 0xe5);
    EXPECT_EQ(signature.bytes[63], 0x0b);
    EXPECT_TRUE(signer->verify(signer->public_key(), {}, signature));
    EXPECT_FALSE(signer->verify(signer->public_key(), to_bytes("x"), signature));
}

TEST(SodiumSigner, HashesWithBlake2b) {
    const auto signer = *SodiumSigner::from_seed(Secret::random(32));
    const auto other = *SodiumSigner::from_seed(Secret::random(32));
    EXPECT_EQ(signer.digest({}).bytes[0], 0x0e);  // BLAKE2b-256 of nothing
    EXPECT_EQ(signer.digest({}).bytes[31], 0xa8);
    EXPECT_EQ(signer.id(), other.id_of(signer.public_key()));
    EXPECT_NE(signer.id(), other.id());
}

}  // namespace
}  // namespace shoal::host
