#include "node/base/process_words.h"
#include "node/host/oci/image.h"
#include "node/host/oci/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace shoal::host::oci {
namespace {

using ::testing::ElementsAre;

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& digest = kDigest) {
    return R"({"mediaType": "type", "digest": ")" + digest + R"(", "size": 3})";
}

TEST(Image, ManifestNamesConfigurationAndLayers) {
    const auto manifest =
        parse_manifest(R"({"config": )" + descriptor() + R"(, "layers": [)" + descriptor() + "]}");
    ASSERT_TRUE(manifest) << manifest.error().detail;
    EXPECT_EQ(manifest->config, (Descriptor{"type", kDigest, 3}));
    EXPECT_EQ(manifest->layers.size(), 1U);
}

TEST(Image, RefusesManifestsThatMeanNothing) {
    for (const std::string text : {"", "[]", "{}", "null", R"({"config": 3, "layers": []})",
                                   R"({"config": {"digest": "md5:1", "size": 1}, "layers": []})",
                                   R"({"config": {"digest": ["x"], "size": -1}, "layers": {}})"}) {
        EXPECT_FALSE(parse_manifest(text)) << text;
    }
    EXPECT_FALSE(parse_manifest(R"({"config": )" + descriptor() + R"(, "layers": "x"})"));
    EXPECT_FALSE(parse_manifest(std::string(kDocumentMax + 1, ' ')));
}

TEST(Image, ConfigurationSaysHowToRun) {
    const auto config = parse_config(R"({"config": {"Entrypoint": ["/e"], "Cmd": ["c"],
        "Env": ["A=1"], "User": "fish", "WorkingDir": "/w", "StopSignal": "SIGINT",
                   "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "0/tcp": {}, "a/tcp": {}, "9/sctp": {}}},
        "rootfs": {"diff_ids": [")" + kDigest +
                                     R"("]}})");
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_THAT(config->entrypoint, ElementsAre("/e"));
    EXPECT_THAT(config->diff_ids, ElementsAre(kDigest));
    EXPECT_EQ(config->stop_signal, SIGINT);
    EXPECT_EQ(config->user, "fish");
    EXPECT_THAT(config->exposed,
                testing::UnorderedElementsAre(placement::PlainPort{80},
                                              placement::PlainPort{53, placement::Protocol::Udp}));
}

TEST(Image, ConfigurationMayLeaveEverythingOutAndNothingWrong) {
    EXPECT_TRUE(parse_config("{}"));
    EXPECT_TRUE(parse_config(R"({"config": {"ExposedPorts": [80]}})"));
    EXPECT_TRUE(parse_config(R"({"config": {"Cmd": null, "Entrypoint": null}})"));
    EXPECT_FALSE(parse_config(R"({"config": {"Cmd": [1]}})"));
    EXPECT_FALSE(parse_config(R"({"rootfs": {"diff_ids": ["../../etc/passwd"]}})"));
}

TEST(Image, IndexOffersWhatRunsHere) {
    const auto one = [](const std::string& architecture) {
        return R"({"digest": ")" + kDigest +
               R"(", "size": 1, "platform": {"os": "linux", "architecture": ")" + architecture +
               R"("}})";
    };
    const auto offers =
        parse_index(R"({"manifests": [)" + one("arm64") + "," + one("amd64") + "]}");
    ASSERT_TRUE(offers) << offers.error().detail;
    EXPECT_EQ(offers->size(), 1U);
    EXPECT_TRUE(is_index(R"({"manifests": []})"));
    EXPECT_FALSE(is_index(R"({"layers": []})"));
}

TEST(Image, ChainsLayers) {
    EXPECT_THAT(chain_ids({}), ElementsAre());
    EXPECT_THAT(chain_ids({"sha256:a"}), ElementsAre("sha256:a"));
    EXPECT_THAT(chain_ids({"sha256:a", "sha256:b"}),
                ElementsAre("sha256:a", sha256("sha256:a sha256:b")));
    EXPECT_EQ(sha256(""),
              "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Image, ReadsSignalsByNameAndNumber) {
    for (const auto& [text, number] : std::vector<std::pair<std::string, int>>{{"SIGTERM", SIGTERM},
                                                                               {"QUIT", SIGQUIT},
                                                                               {"9", 9},
                                                                               {"RTMIN+3", 37},
                                                                               {"SIGRTMIN+3", 37},
                                                                               {"", 0},
                                                                               {"SIGNONE", 0},
                                                                               {"65", 0},
                                                                               {"-1", 0},
                                                                               {"9x", 0}}) {
        EXPECT_EQ(signal_number(text), number) << text;
    }
}

TEST(User, IsFoundByNameOrNumberInTheFilesOfTheImage) {
    const char* passwd = "root:x:0:0::/:/bin/sh\nbroken\nfish:x:1000:1001::/:/bin/sh\n";
    const char* group = "root:x:0:\nfish:x:1001:\nshoal:x:2000:whale,fish\n";

    struct Row {
        const char* text;
        User user;
    };

    for (const Row& row : {Row{"", {0, 0, {}}}, Row{"fish", {1000, 1001, {2000}}},
                           Row{"1000", {1000, 1001, {2000}}}, Row{"77", {77, 0, {}}},
                           Row{"fish:shoal", {1000, 2000, {}}}, Row{"77:88", {77, 88, {}}}}) {
        const auto user = find_user(row.text, passwd, group);
        ASSERT_TRUE(user) << row.text;
        EXPECT_EQ(*user, row.user) << row.text;
    }
    for (const char* nobody : {"whale", "fish:whales", "a:b:c", "99999999999"}) {
        EXPECT_FALSE(find_user(nobody, passwd, group)) << nobody;
    }
}

TEST(User, NeedsNoFilesWhenBothAreNumbers) {
    EXPECT_FALSE(needs_files(""));
    EXPECT_FALSE(needs_files("1:2"));
    EXPECT_TRUE(needs_files("1"));
    EXPECT_TRUE(needs_files("fish"));
    EXPECT_TRUE(needs_files("1:fish"));
}

}  // namespace
}  // namespace shoal::host::oci
