// A process 1 of the node's, in front of a program that is no good one itself.
#include "tests/containerd/containerd_fixture.h"

#include <sys/mount.h>
#include <sys/stat.h>

namespace shoal::tests {
namespace {

using ::testing::HasSubstr;

placement::StartContainer with_init(placement::StartContainer request) {
    request.container.init = true;
    return request;
}

TEST_F(ContainerdTest, WithAnInitAProgramThatIsDeafAsProcess1IsStoppedPolitely) {
    agent_starts();
    runs(with_init(request(slot(1), {})));  // sleep; the image wants SIGINT
    runtime_->stop({.id = slot(1), .grace_ms = 3'600'000});
    const auto end = next_report();
    EXPECT_EQ(end.state, ContainerState::Exited);
    EXPECT_EQ(end.exit_code, 130);
}

TEST_F(ContainerdTest, AnInitReapsWhatOthersLeave) {
    agent_starts();
    runs(with_init(shell(slot(1), "for i in 1 2 3 4 5; do (true &); done; echo; exec sleep 1000")));
    says(slot(1), "\n");
    run_until("the init and the program alone", [&] {
        const auto usage = ask(client_->usage(name_of(slot(1))));
        return usage && usage->pids == 2;
    });
}

TEST_F(ContainerdTest, WithAnInitTheExitCodeIsThatOfTheProgram) {
    agent_starts();
    runs(with_init(shell(slot(1), "exit 3")));
    EXPECT_EQ(next_report().exit_code, 3);
    runs(with_init(shell(slot(2), "kill -9 $$")));
    EXPECT_EQ(next_report().exit_code, 137);
    runs(with_init(request(slot(3), {"no-such-program"})));
    EXPECT_EQ(next_report().exit_code, 127);
    EXPECT_THAT(output(slot(3), "stderr"), HasSubstr("no-such-program: No such file"));
}

// As /run often is.
TEST_F(ContainerdTest, AnInitRunsThoughTheHostRunsNothingFromWhereItIs) {
    const auto folder = daemon_.folder() + "/noexec";
    ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
    ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", MS_NOEXEC | MS_NODEV | MS_NOSUID, nullptr),
              0);
    auto with = settings();
    with.init_path = host::ctrd::place_init(folder).value_or("");
    agent_starts(with);
    runs(with_init(shell(slot(1), "exit 3")));
    EXPECT_EQ(next_report().exit_code, 3);
}

TEST(Init, IsPlacedOnceAndAnewWhenItIsAnotherOne) {
    const PrivateContainerd place;
    const auto first = host::ctrd::place_init(place.folder());
    ASSERT_TRUE(first) << first.error().detail;

    struct stat before {};

    struct stat after {};

    ASSERT_EQ(::stat(first->c_str(), &before), 0);
    EXPECT_EQ(host::ctrd::place_init(place.folder()), *first);
    ASSERT_EQ(::stat(first->c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    std::ofstream{*first} << "another";
    EXPECT_EQ(host::ctrd::place_init(place.folder()), *first);
    ASSERT_EQ(::stat(first->c_str(), &after), 0);
    EXPECT_EQ(before.st_size, after.st_size);
    EXPECT_FALSE(host::ctrd::place_init("/proc/nowhere"));
}

}  // namespace
}  // namespace shoal::tests
