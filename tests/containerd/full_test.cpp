// Disks that are full: of the logs, of containerd. Each is a small file system of its own, which
// goes with the folder it is in.
#include "tests/containerd/containerd_fixture.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace shoal::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

class FullDisk : public ContainerdTest {
protected:
    static void mount_small(const std::string& folder, const char* options) {
        std::filesystem::create_directories(folder);
        ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", 0, options), 0);
    }

    // To the last byte.
    static void fill(const std::string& folder) {
        const int file = ::open((folder + "/ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ASSERT_GE(file, 0);
        const std::vector<char> bytes(65536);
        for (std::size_t size = bytes.size(); size > 0;) {
            if (::write(file, bytes.data(), size) <= 0) size /= 2;
        }
        ::close(file);
    }

    static void make_room(const std::string& folder) {
        ASSERT_EQ(::unlink((folder + "/ballast").c_str()), 0);
    }

    static bool is_full(const std::string& folder) {
        struct statvfs found {};

        return ::statvfs(folder.c_str(), &found) == 0 && found.f_bfree == 0;
    }

    [[nodiscard]] std::string logs() const { return daemon_.folder() + "/logs"; }
};

// A program that has more to say than there is room for goes on all the same, and is heard again.
TEST_F(FullDisk, OfTheLogsStopsNoProgramAndLosesOnlyWhatDoesNotFit) {
    mount_small(logs(), "size=256k");
    agent_starts();
    runs(shell(slot(1),
               "head -c 1000000 /dev/zero; touch /tmp/said; while test ! -e /tmp/go; do sleep 0.1; "
               "done; echo heard again"));
    const auto inside = "/proc/" + std::to_string(pid_of(slot(1))) + "/root/tmp/";
    run_until("more output than fits", [&] { return std::filesystem::exists(inside + "said"); });
    run_until("a full disk", [&] { return is_full(logs()); });
    const auto files = host::ctrd::log_files(logs(), slot(1));
    ASSERT_EQ(::truncate(files.out.c_str(), 0), 0);  // as whoever bounds logs does
    std::ofstream{inside + "go"};
    EXPECT_EQ(next_report().exit_code, 0);
    EXPECT_THAT(output(slot(1)), HasSubstr("heard again"));
    EXPECT_THAT(output(slot(1)), HasSubstr("bytes of output were lost here: No space left"));
}

TEST_F(FullDisk, OfTheLogsWithoutRoomForAFileIsTheReasonForNotStarting) {
    mount_small(logs(), "nr_inodes=1");
    agent_starts();
    runtime_->start(request(slot(1), {}));
    const auto refused = next_report();
    EXPECT_EQ(refused.state, ContainerState::StartFailed);
    EXPECT_THAT(refused.detail, HasSubstr(logs()));
    EXPECT_THAT(refused.detail, HasSubstr("No space left on device"));
    nothing_is_left();
    ASSERT_EQ(::mount("tmpfs", logs().c_str(), "tmpfs", MS_REMOUNT, "nr_inodes=100"), 0);
    runs(request(slot(1), {}));
}

class FullContainerd : public FullDisk {
protected:
    void SetUp() override {
        mount_small(root(), "size=32m");
        FullDisk::SetUp();
    }

    [[nodiscard]] std::string root() const { return daemon_.folder() + "/root"; }
};

TEST_F(FullContainerd, IsTheReasonForNotStartingAndWhatRunsRunsOn) {
    auto impatient = settings();
    impatient.start_patience = std::chrono::seconds{1};
    agent_starts(impatient);
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    fill(root());
    runtime_->start(request(slot(2), {}));
    const auto refused = next_report();
    EXPECT_EQ(refused.state, ContainerState::StartFailed);
    EXPECT_THAT(refused.detail, HasSubstr("no space left on device"));
    EXPECT_EQ(pid_of(slot(1)), pid);
    make_room(root());
    runs(request(slot(2), {}));
    runtime_->stop({.id = slot(2), .grace_ms = 0});
    EXPECT_EQ(next_report().exit_code, 137);
    EXPECT_EQ(records().size(), 1U);
}

// What cannot be removed for want of space is removed once there is some.
TEST_F(FullContainerd, StopsWhatItIsToldToOnceThereIsRoom) {
    agent_starts();
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    fill(root());
    runtime_->stop({.id = slot(1), .grace_ms = 0});
    run_until("its end", [&] {
        const auto state = process_status(pid, "State");
        return state.empty() || state.starts_with('Z');
    });
    make_room(root());
    EXPECT_EQ(next_report().exit_code, 137);
    nothing_is_left();
}

}  // namespace
}  // namespace shoal::tests
