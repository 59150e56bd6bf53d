// What a program finds inside when its job says how it shall run.
#include "tests/containerd/containerd_fixture.h"

namespace shoal::tests {
namespace {

using placement::ProcessWish;
using ::testing::HasSubstr;

class ProcessTest : public ContainerdTest {
protected:
    static placement::StartContainer as(placement::StartContainer request, ProcessWish process) {
        request.container.process = std::move(process);
        return request;
    }

    // What it says until it ends well.
    std::string says_all(const std::string& script, const ProcessWish& process) {
        runs(as(shell(slot(1), script), process));
        EXPECT_EQ(next_report().exit_code, 0) << output(slot(1), "stderr");
        return output(slot(1));
    }
};

TEST_F(ProcessTest, RunsAsWhoItShallWhereItShall) {
    agent_starts();
    EXPECT_EQ(says_all("id; pwd; hostname; cat /proc/sys/kernel/domainname",
                       {.user = "fish:shoal",
                        .groups = {"fish", "77"},
                        .working_dir = "/made/for/it",
                        .hostname = "pond",
                        .domainname = "sea.example"}),
              "uid=1234(fish) gid=4321(shoal) groups=77,1234(fish)\n/made/for/it\npond\n"
              "sea.example\n");
}

TEST_F(ProcessTest, WritesNowhereButInMemory) {
    agent_starts();
    const auto text = says_all(
        "touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch; "
        "touch /run/x && echo run; grep -E ' /(scratch|dev/shm) ' /proc/mounts",
        {.read_only = true, .shm_size = 8U << 20U, .tmpfs = {"/scratch:size=1m,mode=700"}});
    EXPECT_THAT(text, HasSubstr("read-only\nscratch\nrun\n"));
    EXPECT_THAT(text,
                HasSubstr("/scratch tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=700"));
    EXPECT_THAT(text, HasSubstr("size=8192k"));
}

TEST_F(ProcessTest, HasTheLimitsAndSwitchesItAskedFor) {
    agent_starts();
    const auto text = says_all(
        "grep -E 'CapEff|CapBnd' /proc/self/status; cat /proc/sys/kernel/shmmni; "
        "grep -E 'open files|core file' /proc/self/limits; cat /proc/self/oom_score_adj; "
        "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; true",
        {.cap_add = {"IPC_LOCK"},
         .cap_drop = {"ALL"},
         .sysctls = {{"kernel.shmmni", "123"}},
         .ulimits = {{"core", {1000, 2000}}, {"nofile", {77, 88}}},
         .pids_limit = 33,
         .oom_score_adj = 321});
    for (const auto* line : {"CapBnd:\t0000000000004000\n", "CapEff:\t0000000000004000\n",
                             "\n123\n", "\n321\n", "\n33\n"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
    EXPECT_THAT(text, ::testing::ContainsRegex("Max open files +77 +88"));
    EXPECT_THAT(text, ::testing::ContainsRegex("Max core file size +1000 +2000"));
}

TEST_F(ProcessTest, MayDoWhatItIsAllowedAndNoMore) {
    agent_starts();
    const auto text = says_all(
        "mount -t tmpfs none /tmp && echo mounted; grep -E 'NoNewPrivs|Seccomp:' "
        "/proc/self/status; "
        "head -c 1 /dev/kmsg >/dev/null 2>&1 || echo no devices",
        {.no_new_privileges = false, .cap_add = {"SYS_ADMIN"}});
    EXPECT_THAT(text, HasSubstr("mounted\nNoNewPrivs:\t0\nSeccomp:\t2\nno devices\n"));
}

TEST_F(ProcessTest, IsHeldByNothingWhenPrivileged) {
    agent_starts();
    const auto text = says_all(
        "mount -t tmpfs none /tmp && echo mounted; grep -E 'NoNewPrivs|Seccomp:' "
        "/proc/self/status; "
        "test -w /proc/sys/kernel && echo switches; ls /dev",
        {.privileged = true});
    EXPECT_THAT(text, HasSubstr("mounted\nNoNewPrivs:\t0\nSeccomp:\t0\nswitches\n"));
    EXPECT_THAT(text, HasSubstr("null\n"));
}

TEST_F(ProcessTest, IsStoppedBySignalOfItsJobRatherThanItsImage) {
    agent_starts();
    runs(as(shell(slot(1),
                  "trap 'exit 42' USR1; trap 'exit 1' INT; echo up; "
                  "while :; do sleep 0.1; done"),
            {.stop_signal = "SIGUSR1"}));
    says(slot(1), "up\n");
    runtime_->stop({.id = slot(1), .grace_ms = 3'600'000});
    EXPECT_EQ(next_report().exit_code, 42);
}

TEST_F(ProcessTest, WaitsForInputThatNeverComes) {
    agent_starts();
    runs(shell(slot(1), "cat; echo over; sleep 1000"));
    says(slot(1), "over\n");  // without, there is none from the beginning
    runs(as(shell(slot(2), "echo up; exec cat"), {.stdin_open = true}));
    says(slot(2), "up\n");
    runtime_->stop({.id = slot(2), .grace_ms = 3'600'000});
    const auto end = next_report();
    EXPECT_EQ(end.id, slot(2));
    EXPECT_EQ(end.exit_code, 130) << "stopped by the signal, not by an end of its input";
    EXPECT_EQ(output(slot(2)), "up\n");
}

TEST_F(ProcessTest, HasATerminalWhoseOutputIsKept) {
    agent_starts();
    runs(as(shell(slot(1), "test -t 0 && test -t 1 && echo on a terminal; exit 5"), {.tty = true}));
    EXPECT_EQ(next_report().exit_code, 5);
    run_until("its output", [&] { return !output(slot(1)).empty(); });
    EXPECT_EQ(output(slot(1)), "on a terminal\r\n");
    nothing_is_left();
}

TEST_F(ProcessTest, SaysWhyItCannotBe) {
    agent_starts();
    runtime_->start(as(shell(slot(1), "true"), {.groups = {"whales"}}));
    auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::StartFailed);
    EXPECT_THAT(report.detail, HasSubstr("no group 'whales'"));
    runtime_->start(as(shell(slot(2), "true"), {.extra_hosts = {"db=10.0.0.5"}}));
    report = next_report();
    EXPECT_EQ(report.state, ContainerState::StartFailed);
    EXPECT_THAT(report.detail, HasSubstr("--network bridge"));
}

}  // namespace
}  // namespace shoal::tests
