// Data directories of older formats, and what is left of them when something goes wrong.
#include "node/host/identity/cluster_file.h"
#include "node/host/identity/data_directory.h"
#include "node/host/identity/files.h"
#include "node/host/identity/migration.h"
#include "tests/support/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace shoal::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MigrationTest : public ::testing::Test {
protected:
    MigrationTest() {
        write("cluster.yaml", write_cluster_file({1, "0.1.0", {1, 2}, "home"}));
        write("identity.key", "who");
        std::filesystem::create_directories(path + "/state/db");
        write("state/db/MANIFEST", "one");
        std::filesystem::create_directories(path + "/logs/web");
        write("logs/web/stdout", "said");
        std::filesystem::create_directories(path + "/volumes/c/db/0");
        write("volumes/c/db/0/table", "rows");
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{path + "/" + name} << text;
        ::chmod((path + "/" + name).c_str(), 0600);
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in{path + "/" + name};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    [[nodiscard]] unsigned format() const {
        return read_cluster_file(read("cluster.yaml"), 99, "")->format;
    }

    // Each appends its number to the journal, so that a step taken twice shows.
    [[nodiscard]] MigrationStep appends(unsigned from) const {
        return {from, "appends " + std::to_string(from), [this, from](const std::string& where) {
                    EXPECT_EQ(where, path);
                    write("state/db/MANIFEST",
                          read("state/db/MANIFEST") + "+" + std::to_string(from));
                    return Result<void>{};
                }};
    }

    // What a crash is to the next start: work half done, and nothing after it.
    [[nodiscard]] MigrationStep breaks(unsigned from) const {
        return {from, "breaks", [this](const std::string& /*where*/) -> Result<void> {
                    write("state/db/MANIFEST", "half");
                    std::filesystem::remove(path + "/identity.key");
                    return fail(Errc::Io, "the disk");
                }};
    }

    const tests::Folder folder{};
    const std::string path = folder.path();
};

TEST_F(MigrationTest, DoesNothingToItsOwnFormatOrToANodeInNoCluster) {
    const auto done = migrate(path, {1, "0.1.0", {}});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_FALSE(*done);
    std::filesystem::remove(path + "/cluster.yaml");
    EXPECT_FALSE(*migrate(path, {5, "0.5.0", {}}));
    EXPECT_FALSE(exists(path + "/backup-format-1"));
}

TEST_F(MigrationTest, GoesStepByStepAfterABackup) {
    const auto done = migrate(path, {3, "0.3.0", {appends(2), appends(1)}});
    ASSERT_TRUE(done) << done.error().detail;
    ASSERT_TRUE(*done);
    EXPECT_EQ((*done)->from, 1U);
    EXPECT_EQ((*done)->to, 3U);
    EXPECT_THAT((*done)->did, ElementsAre("appends 1", "appends 2"));
    EXPECT_EQ(read("state/db/MANIFEST"), "one+1+2");
    EXPECT_EQ(format(), 3U);
    EXPECT_THAT(read("cluster.yaml"), HasSubstr("needs: 0.3.0\n"));
    EXPECT_EQ((*done)->backup, path + "/backup-format-1");
    EXPECT_EQ(read("backup-format-1/state/db/MANIFEST"), "one");
    EXPECT_EQ(read("backup-format-1/identity.key"), "who");
    EXPECT_THAT(read("backup-format-1/cluster.yaml"), HasSubstr("format: 1\n"));
    EXPECT_FALSE(exists(path + "/backup-format-1/logs")) << "logs have no format, and are large";
    EXPECT_EQ(read("logs/web/stdout"), "said");
    EXPECT_FALSE(*migrate(path, {3, "0.3.0", {appends(2), appends(1)}}));
}

TEST_F(MigrationTest, KeepsBackupsOfOthersApart) {
    std::filesystem::create_directory(path + "/backup-format-1");
    const auto done = migrate(path, {2, "0.2.0", {appends(1)}});
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->backup, path + "/backup-format-1.2");
    EXPECT_FALSE(exists(path + "/backup-format-1.2/backup-format-1"));
}

TEST_F(MigrationTest, RefusesWhatItHasNoStepFor) {
    const auto done = migrate(path, {3, "0.3.0", {appends(2)}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::Refused);
    EXPECT_THAT(done.error().detail, HasSubstr("is of format 1"));
    EXPECT_FALSE(exists(path + "/backup-format-1")) << "nothing was touched";
}

TEST_F(MigrationTest, RefusesANewerFormat) {
    write("cluster.yaml", write_cluster_file({7, "7.8.9", {1, 2}, "home"}));
    const auto done = migrate(path, {3, "0.3.0", {appends(2)}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::Refused);
    EXPECT_THAT(done.error().detail, HasSubstr("needs shoal 7.8.9 or newer"));
}

TEST_F(MigrationTest, BeginsAgainFromTheBackupWhenItWasCutShort) {
    const auto broken = migrate(path, {3, "0.3.0", {appends(1), breaks(2)}});
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().detail,
                testing::AllOf(HasSubstr("from format 2: the disk"), HasSubstr("backup-format-1")));
    EXPECT_EQ(format(), 1U);
    const auto done = migrate(path, {3, "0.3.0", {appends(1), appends(2)}});
    ASSERT_TRUE(done && *done);
    EXPECT_EQ((*done)->backup, path + "/backup-format-1") << "the first, not one of half the work";
    EXPECT_EQ(read("state/db/MANIFEST"), "one+1+2");
    EXPECT_EQ(read("identity.key"), "who");
    EXPECT_EQ(format(), 3U);
    EXPECT_EQ(read("volumes/c/db/0/table"), "rows");
}

TEST_F(MigrationTest, NeverTouchesWhatContainersKeep) {
    struct stat before {};

    struct stat after {};

    ASSERT_EQ(::stat((path + "/volumes/c/db/0/table").c_str(), &before), 0);
    ASSERT_FALSE(migrate(path, {2, "0.2.0", {breaks(1)}}));
    ASSERT_TRUE(migrate(path, {2, "0.2.0", {appends(1)}}));
    ASSERT_EQ(::stat((path + "/volumes/c/db/0/table").c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino) << "it is open in containers that run";
    EXPECT_FALSE(exists(path + "/backup-format-1/volumes"));
}

TEST_F(MigrationTest, PutsTheBackupBackAlsoWhenThatWasCutShort) {
    ASSERT_FALSE(migrate(path, {2, "0.2.0", {breaks(1)}}));
    for (const bool half : {false, true}) {
        std::filesystem::remove(path + "/cluster.yaml");
        if (half) write("cluster.yaml", "form");
        const auto again = migrate(path, {2, "0.2.0", {breaks(1)}});
        ASSERT_FALSE(again);
        EXPECT_THAT(again.error().detail, HasSubstr("the disk"));
    }
    const auto done = migrate(path, {2, "0.2.0", {appends(1)}});
    ASSERT_TRUE(done && *done);
    EXPECT_EQ(read("state/db/MANIFEST"), "one+1");
}

TEST_F(MigrationTest, CutShortAfterTheNumberItIsDone) {
    write("migrating", "backup-format-0");
    const auto done = migrate(path, {1, "0.1.0", {}});
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_FALSE(*done);
    EXPECT_FALSE(exists(path + "/migrating"));
    EXPECT_EQ(read("state/db/MANIFEST"), "one");
}

TEST_F(MigrationTest, LeavesNoKeysInBackupsAfterAReset) {
    ASSERT_TRUE(migrate(path, {2, "0.2.0", {appends(1)}}));
    write("cluster.yaml", write_cluster_file({1, "0.1.0", {1, 2}, "home"}));
    ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
    auto directory = DataDirectory::open(path);
    ASSERT_TRUE(directory) << directory.error().detail;
    const auto gone = directory->reset();
    ASSERT_TRUE(gone);
    EXPECT_THAT(*gone, testing::Contains(path + "/backup-format-1"));
    EXPECT_FALSE(exists(path + "/backup-format-1"));
}

TEST(FormatPlan, HasAStepForEveryFormatThereEverWas) {
    const auto& plan = format_plan();
    EXPECT_EQ(plan.newest, DataDirectory::kFormat);
    EXPECT_EQ(plan.steps.size(), DataDirectory::kFormat - 1U);
}

}  // namespace
}  // namespace shoal::host
