// What a container uses, from trees as the two versions of control groups lay them out.
#include "node/host/oci/usage.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shoal::host::oci {
namespace {

class UsageTest : public ::testing::Test {
protected:
    UsageTest() {
        std::string name = (std::filesystem::temp_directory_path() / "shoal-usage-XXXXXX").string();
        root_ = ::mkdtemp(name.data());
    }

    ~UsageTest() override { std::filesystem::remove_all(root_); }

    void file(const std::string& path, const std::string& text) const {
        const auto whole = std::filesystem::path{root_ + path};
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream{whole} << text;
    }

    [[nodiscard]] std::optional<Usage> read(bool unified) const {
        return read_usage("/shoal/a/web", {.unified = unified}, root_);
    }

    std::string root_;
};

TEST_F(UsageTest, IsReadFromVersion1) {
    file("/memory/shoal/a/web/memory.usage_in_bytes", "5000000\n");
    file("/memory/shoal/a/web/memory.stat",
         "cache 9\ninactive_file 7\ntotal_inactive_file 1000000\n");
    file("/memory/shoal/a/web/memory.limit_in_bytes", "67108864\n");
    file("/cpuacct/shoal/a/web/cpuacct.usage", "123456789\n");
    file("/pids/shoal/a/web/pids.current", "4\n");
    EXPECT_EQ(read(false), (Usage{123'456'789, 4'000'000, 67'108'864, 4}));
    EXPECT_EQ(read(true), std::nullopt);
}

TEST_F(UsageTest, IsReadFromVersion2) {
    file("/shoal/a/web/memory.current", "5000000\n");
    file("/shoal/a/web/memory.stat", "anon 3\ninactive_file 1000000\n");
    file("/shoal/a/web/memory.max", "67108864\n");
    file("/shoal/a/web/cpu.stat", "usage_usec 2500\nuser_usec 2000\n");
    file("/shoal/a/web/pids.current", "4\n");
    EXPECT_EQ(read(true), (Usage{2'500'000, 4'000'000, 67'108'864, 4}));
    EXPECT_EQ(read(false), std::nullopt);
}

TEST_F(UsageTest, HasNoLimitWhereThereIsNone) {
    file("/memory/shoal/a/web/memory.usage_in_bytes", "1\n");
    file("/memory/shoal/a/web/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_EQ(read(false)->memory_limit_bytes, 0U);
    file("/shoal/a/web/memory.current", "1\n");
    file("/shoal/a/web/memory.max", "max\n");
    EXPECT_EQ(read(true)->memory_limit_bytes, 0U);
}

TEST_F(UsageTest, OfWhatIsGoneIsNone) {
    EXPECT_EQ(read(false), std::nullopt);
    EXPECT_EQ(read(true), std::nullopt);
}

}  // namespace
}  // namespace shoal::host::oci
