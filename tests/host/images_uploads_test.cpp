// Archives on their way in, and files that know their digest.
#include "node/host/images/blob_file.h"
#include "node/host/images/uploads.h"
#include "node/host/oci/image.h"
#include "tests/support/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace shoal::host::images {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;

class UploadsTest : public ::testing::Test {
protected:
    static std::string content(const std::string& path) {
        std::ifstream in{path};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    [[nodiscard]] std::size_t files() const {
        const std::filesystem::directory_iterator all{folder_.path()};
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    tests::Folder folder_;
    Uploads::Moment now_{};
    Uploads uploads_{folder_.path().string(), {.open_max = 2}};
};

TEST_F(UploadsTest, GrowPieceByPieceAndTakeARepeatedOneOnce) {
    ASSERT_TRUE(uploads_.begin("a1", now_));
    EXPECT_EQ(*uploads_.write("a1", 0, "one", now_), 3U);
    EXPECT_EQ(*uploads_.write("a1", 3, "two", now_), 6U);
    EXPECT_EQ(*uploads_.write("a1", 3, "two", now_), 6U) << "its answer was lost";
    const auto apart = uploads_.write("a1", 9, "x", now_);
    ASSERT_FALSE(apart);
    EXPECT_EQ(apart.error().code, Errc::Conflict);
    EXPECT_THAT(apart.error().detail, HasSubstr("stands at 6"));
    EXPECT_EQ(content(uploads_.find("a1")->path), "onetwo");
}

TEST_F(UploadsTest, AreFewAndDoNotStayForEver) {
    ASSERT_TRUE(uploads_.begin("a1", now_));
    ASSERT_TRUE(uploads_.begin("a2", now_));
    const auto third = uploads_.begin("a3", now_);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Errc::Unavailable);
    now_ += minutes{15};
    EXPECT_TRUE(uploads_.begin("a3", now_));
    EXPECT_EQ(uploads_.find("a1"), nullptr);
    EXPECT_EQ(files(), 1U);
}

TEST_F(UploadsTest, TellHowItWentAfterTheirBytesAreGone) {
    ASSERT_TRUE(uploads_.begin("a1", now_));
    ASSERT_TRUE(uploads_.write("a1", 0, "one", now_));
    EXPECT_FALSE(uploads_.is_loading());
    uploads_.find("a1")->state = Uploads::State::Loading;
    EXPECT_TRUE(uploads_.is_loading());
    EXPECT_FALSE(uploads_.write("a1", 3, "more", now_));
    uploads_.drop("a1");
    EXPECT_NE(uploads_.find("a1"), nullptr) << "somebody reads it";
    uploads_.loaded("a1", std::string{"[]"}, now_);
    EXPECT_EQ(uploads_.find("a1")->state, Uploads::State::Done);
    EXPECT_EQ(files(), 0U);
}

TEST_F(UploadsTest, OfAnEarlierLifeAreRemoved) {
    std::ofstream{folder_.path().string() + "/upload-77"} << "left";
    std::ofstream{folder_.path().string() + "/0123abcd"} << "half a blob, to go on with";
    const Uploads fresh{folder_.path().string(), {}};
    EXPECT_EQ(files(), 1U);
}

TEST(BlobFiles, GoOnWhereTheyStoppedAndKnowTheirDigest) {
    const tests::Folder folder;
    const auto path = folder.path().string() + "/blob";
    {
        auto first = BlobFile::open(path);
        ASSERT_TRUE(first);
        ASSERT_TRUE(first->append("hello "));
    }
    auto second = BlobFile::open(path);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->size(), 6U);
    while (*second->hash_some(4)) {
    }
    ASSERT_TRUE(second->append("fish"));
    EXPECT_EQ(second->digest(), oci::sha256("hello fish"));
    ASSERT_TRUE(second->restart());
    EXPECT_EQ(second->size(), 0U);
    EXPECT_EQ(second->digest(), oci::sha256(""));
}

TEST(BlobFiles, AreNoLinksAndNoFolders) {
    const tests::Folder folder;
    std::filesystem::create_symlink("/etc/passwd", folder.path().string() + "/link");
    EXPECT_FALSE(BlobFile::open(folder.path().string() + "/link"));
    EXPECT_FALSE(BlobFile::open(folder.path().string()));
}

}  // namespace
}  // namespace shoal::host::images
