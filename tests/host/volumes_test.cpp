// The directories of volumes: whole or not at all.
#include "node/host/volumes/directories.h"
#include "tests/support/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

namespace shoal::host::volumes {
namespace {

using placement::VolumeId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const VolumeId kData{"shop_data", 0};

struct Directories : testing::Test {
    tests::Folder folder;
    std::string root = folder.path().string() + "/volumes";
};

TEST_F(Directories, AreMadeOnceAndKeepWhatIsInThem) {
    ASSERT_TRUE(make(root, kData, {}));
    const auto path = path_of(root, kData);

    struct stat facts {};

    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0755U);
    std::ofstream{path + "/file"} << "kept";
    ASSERT_TRUE(make(root, kData, [](const std::string&) -> Result<void> {
        return fail(Errc::Io, "asked although it is there");
    }));
    EXPECT_TRUE(std::filesystem::exists(path + "/file"));
    EXPECT_THAT(list(root), ElementsAre(kData));
}

TEST_F(Directories, AreNotThereUntilTheyAreFilled) {
    const auto cut_short = [&](const std::string& half) -> Result<void> {
        std::ofstream{half + "/half"} << "half";
        EXPECT_FALSE(is_there(root, kData));
        return fail(Errc::Full, "no space");
    };
    EXPECT_FALSE(make(root, kData, cut_short));
    EXPECT_FALSE(is_there(root, kData));
    ASSERT_TRUE(make(root, kData, {}));
    EXPECT_FALSE(std::filesystem::exists(path_of(root, kData) + "/half"));
}

TEST_F(Directories, AreGoneAtOnceWhenRemoved) {
    ASSERT_TRUE(make(root, kData, {}));
    ASSERT_TRUE(make(root, {"shop_data", 1}, {}));
    ASSERT_TRUE(remove(root, kData));
    EXPECT_THAT(list(root), ElementsAre(VolumeId{"shop_data", 1}));
    ASSERT_TRUE(remove(root, kData)) << "again is fine";
}

TEST_F(Directories, OfOtherNamesAreNoVolumes) {
    EXPECT_THAT(list(root), IsEmpty());
    for (const auto* name : {"/.hidden/0", "/data/007", "/data/x", "/data/-1"}) {
        std::filesystem::create_directories(root + name);
    }
    EXPECT_THAT(list(root), IsEmpty());
}

TEST_F(Directories, AreMeasuredByWhatTheyTakeOnTheDisk) {
    ASSERT_TRUE(make(root, kData, {}));
    std::ofstream{path_of(root, kData) + "/file"} << std::string(100'000, 'x') << std::flush;
    const auto size = size_of(root, kData);
    EXPECT_GE(size.bytes, 100'000U);
    EXPECT_TRUE(size.whole);
}

}  // namespace
}  // namespace shoal::host::volumes
