// Who takes a container's output, and from where it is run.
#include "node/host/containerd/helper_files.h"
#include "node/host/containerd/log_files.h"
#include "tests/containerd/private_containerd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/mount.h>
#include <sys/stat.h>

namespace shoal::host::ctrd {
namespace {

TEST(LogWriter, IsPutWhereProgramsMayRun) {
    const tests::PrivateContainerd place;
    const auto barred = place.folder() + "/noexec";
    const auto open = place.folder() + "/open";
    ASSERT_EQ(::mkdir(barred.c_str(), 0700), 0);
    ASSERT_EQ(::mount("tmpfs", barred.c_str(), "tmpfs", MS_NOEXEC, nullptr), 0);
    const auto placed = place_log_writer({barred, open});
    ASSERT_TRUE(placed) << placed.error().detail;
    EXPECT_EQ(*placed, open + "/shoal-log");
    const auto nowhere = place_log_writer({barred});
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().detail, ::testing::HasSubstr(barred));
}

TEST(LogWriter, IsToldPathsOfAnyKind) {
    const LogFiles files{"/data &1/50%/out", "/data &1/50%/err"};
    EXPECT_EQ(output_of(files, "").out, files.out);
    const auto told = output_of(files, "/run/shoal-log");
    EXPECT_EQ(told.out, told.err);
    EXPECT_EQ(told.out,
              "binary:///run/shoal-log?out=/data%20%261/50%25/out"
              "&err=/data%20%261/50%25/err");
}

}  // namespace
}  // namespace shoal::host::ctrd
