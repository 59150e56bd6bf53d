#include "tests/containerd/containerd_fixture.h"

#include <csignal>

namespace shoal::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

MATCHER_P2(Reported, state, code, "") {
    return arg.state == state && arg.exit_code == code;
}

TEST_F(ContainerdTest, RunsAProgramAndTellsItsExitCode) {
    EXPECT_THAT(agent_starts(), IsEmpty());
    runs(shell(slot(1), "echo to out; echo to err >&2; exit 3"));
    const auto end = next_report();
    EXPECT_THAT(end, Reported(ContainerState::Exited, 3));
    EXPECT_EQ(end.detail, "exited with status 3");
    EXPECT_EQ(output(slot(1)), "to out\n");
    EXPECT_EQ(output(slot(1), "stderr"), "to err\n");
    nothing_is_left();
}

TEST_F(ContainerdTest, StartsAgainUnderTheSameNameOnceItHasEnded) {
    agent_starts();
    for (const int code : {1, 2}) {
        runs(shell(slot(1), "echo " + std::to_string(code) + "; exit " + std::to_string(code)));
        EXPECT_THAT(next_report(), Reported(ContainerState::Exited, code));
    }
    EXPECT_EQ(output(slot(1)), "1\n2\n");
    nothing_is_left();
}

TEST_F(ContainerdTest, StopsPolitelyWithTheSignalOfTheImage) {
    agent_starts();
    runs(
        shell(slot(1), "trap 'echo stopped; exit 7' INT; echo ready; while :; do sleep 0.1; done"));
    says(slot(1), "ready");
    runtime_->stop({.id = slot(1), .grace_ms = 60'000});
    EXPECT_THAT(next_report(), Reported(ContainerState::Exited, 7));
    EXPECT_THAT(output(slot(1)), HasSubstr("stopped"));
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(ContainerdTest, KillsWhatDoesNotListen) {
    agent_starts();
    runs(request(slot(1), {}));  // the image's command: sleep, as process 1 deaf to signals
    runtime_->stop({.id = slot(1), .grace_ms = 100});
    EXPECT_THAT(next_report(), Reported(ContainerState::Exited, 137));
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(ContainerdTest, AShorterGraceShortensAStopUnderWay) {
    agent_starts();
    runs(request(slot(1), {}));
    runtime_->stop({.id = slot(1), .grace_ms = 3'600'000});
    runtime_->stop({.id = slot(1), .grace_ms = 100});
    EXPECT_THAT(next_report(), Reported(ContainerState::Exited, 137));
    EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(ContainerdTest, SaysThatMemoryRanOut) {
    agent_starts();
    auto hungry = shell(slot(1), "x=aaaaaaaa; while :; do x=$x$x; done");
    hungry.container.need.memory_bytes = 16U << 20U;
    runs(hungry);
    const auto end = next_report();
    EXPECT_EQ(end.state, ContainerState::Exited);
    EXPECT_NE(end.exit_code, 0);
    EXPECT_THAT(end.detail, StartsWith("out of memory"));
}

TEST_F(ContainerdTest, ABadCommandFailsToStartAndLeavesNothing) {
    agent_starts();
    runtime_->start(request(slot(1), {"no-such-program"}));
    const auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::StartFailed);
    EXPECT_THAT(report.detail, HasSubstr("no-such-program"));
    nothing_is_left();
}

TEST_F(ContainerdTest, AMissingImageIsNamedTogetherWithWhatToDo) {
    agent_starts();
    auto missing = request(slot(1), {});
    missing.container.image = "test/nowhere";
    runtime_->start(missing);
    const auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::StartFailed);
    EXPECT_THAT(report.detail, HasSubstr("test/nowhere"));
    EXPECT_THAT(report.detail, HasSubstr("shoal image load FILE --name test/nowhere"));
}

TEST_F(ContainerdTest, StoppingWhatIsNotThereSaysGone) {
    agent_starts();
    runtime_->stop({.id = slot(1)});
    EXPECT_EQ(next_report().state, ContainerState::Gone);
}

TEST_F(ContainerdTest, AStopThatFollowsAStartIsCarriedOutAfterIt) {
    agent_starts();
    runtime_->start(request(slot(1), {}));
    runtime_->stop({.id = slot(1), .grace_ms = 0});
    auto last = next_report();
    if (last.state == ContainerState::Running) last = next_report();
    EXPECT_NE(last.state, ContainerState::Running);
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(ContainerdTest, ManyAtOnceAllStartAlthoughFewAreStartedTogether) {
    auto few = settings();
    few.starts_max = 2;
    agent_starts(few);
    for (std::uint32_t i = 0; i < 6; ++i) {
        runtime_->start(request(slot(i), {}));
    }
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(next_report().state, ContainerState::Running);
    }
    EXPECT_EQ(records().size(), 6U);
}

TEST_F(ContainerdTest, AnAgentThatComesBackFindsWhatRunsAndLeavesItAlone) {
    agent_starts();
    runs(request(slot(1), {}));
    runs(shell(slot(2), "exit 0"));
    EXPECT_THAT(next_report(), Reported(ContainerState::Exited, 0));
    run_until("the removal", [&] { return records().size() == 1; });
    const auto pid = pid_of(slot(1));
    agent_ends();
    const auto found = agent_starts();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, slot(1));
    EXPECT_EQ(found[0].state, ContainerState::Running);
    EXPECT_EQ(pid_of(slot(1)), pid);
    runtime_->stop({.id = slot(1), .grace_ms = 0});
    EXPECT_THAT(next_report(), Reported(ContainerState::Exited, 137));
}

TEST_F(ContainerdTest, AnEndWhileNoAgentLookedIsInTheList) {
    agent_starts();
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    agent_ends();
    ::kill(pid, SIGKILL);
    run_until("its end", [&] {
        const auto task = ask(client_->task(name_of(slot(1))));
        return task && task->state == host::ctrd::TaskState::Stopped;
    });
    EXPECT_THAT(agent_starts(), ElementsAre(Reported(ContainerState::Exited, 137)));
    nothing_is_left();
}

TEST_F(ContainerdTest, WhatIsNobodysIsRemovedAndStrangersAreNot) {
    const host::ctrd::Identity other{NodeId{8, 8}, slot(1)};
    const auto labels = host::ctrd::make_labels(other, {});
    Client elsewhere{daemon_.socket(), name_space() + "-other"};
    ASSERT_TRUE(ask(elsewhere.ensure_namespace()));
    ASSERT_TRUE(ask(
        elsewhere.create_container({.id = "nobodys", .snapshot_key = "nobodys", .spec = "{}"})));
    ASSERT_TRUE(
        ask(client_->create_container({.id = "nobodys", .snapshot_key = "nobodys", .spec = "{}"})));
    ASSERT_TRUE(ask(client_->create_container(
        {.id = "strangers", .labels = labels, .snapshot_key = "strangers", .spec = "{}"})));
    EXPECT_THAT(agent_starts(), IsEmpty());
    run_until("the removal", [&] { return records().size() == 1; });
    EXPECT_THAT(records(), ElementsAre("strangers"));
    EXPECT_TRUE(ask(elsewhere.container("nobodys")));
    elsewhere.close();
}

}  // namespace
}  // namespace shoal::tests
