// What happens when containerd, its shims or its answers go away.
#include "node/host/containerd/image_store.h"
#include "tests/containerd/containerd_fixture.h"

#include <asio/detached.hpp>

#include <csignal>

namespace shoal::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ContainerdTest, ContainersRunOnWhileContainerdIsAwayAndAreStoppedAfterwards) {
    agent_starts();
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    daemon_.kill();
    runtime_->stop({.id = slot(1), .grace_ms = 0});
    EXPECT_FALSE(process_status(pid, "Name").empty());
    daemon_.start();
    const auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::Exited);
    EXPECT_EQ(report.exit_code, 137);
    EXPECT_THAT(records(), IsEmpty());
}

TEST_F(ContainerdTest, AnEndWhileContainerdWasAwayIsReportedOnce) {
    agent_starts();
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    daemon_.kill();
    ::kill(pid, SIGKILL);
    run_until("its end", [&] {
        const auto state = process_status(pid, "State");
        return state.empty() || state.starts_with('Z');
    });
    EXPECT_THAT(reports_, IsEmpty());
    daemon_.start();
    EXPECT_EQ(next_report().exit_code, 137);
    nothing_is_left();
    EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(ContainerdTest, AStartWaitsForAContainerdThatIsAway) {
    agent_starts();
    runs(request(slot(1), {}));
    daemon_.kill();
    runtime_->start(request(slot(2), {}));
    daemon_.start();
    EXPECT_EQ(next_report().state, ContainerState::Running);
    EXPECT_EQ(records().size(), 2U);
}

TEST_F(ContainerdTest, AContainerdThatComesLateIsWaitedForAtTheStart) {
    daemon_.kill();
    runtime_ = std::make_unique<ContainerdRuntime>(
        loop_, settings(), [this](const ContainerReport& report) { reports_.push_back(report); });
    bool listed = false;
    runtime_->list([&](const std::vector<ContainerReport>&) { listed = true; });
    daemon_.start();
    run_until("the list", [&] { return listed; });
}

TEST_F(ContainerdTest, AStartThatFindsNoContainerdForTooLongFails) {
    auto impatient = settings();
    impatient.start_patience = std::chrono::seconds{1};
    agent_starts(impatient);
    daemon_.kill();
    runtime_->start(request(slot(1), {}));
    const auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::StartFailed);
    EXPECT_THAT(report.detail, HasSubstr(daemon_.socket()));
}

TEST_F(ContainerdTest, AKillInTheMiddleOfStartsLeavesEachRunningOnce) {
    agent_starts();
    for (std::uint32_t i = 0; i < 4; ++i) {
        runtime_->start(request(slot(i), {}));
    }
    run_until("the first record", [&] { return !records().empty(); });
    daemon_.kill();
    daemon_.start();
    for (int i = 0; i < 4; ++i) {
        const auto report = next_report();
        EXPECT_EQ(report.state, ContainerState::Running) << report.detail;
    }
    EXPECT_EQ(records().size(), 4U);
    EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(ContainerdTest, AKilledShimEndsItsContainer) {
    agent_starts();
    runs(request(slot(1), {}));
    const auto pid = pid_of(slot(1));
    const auto shim = static_cast<pid_t>(std::stol(process_status(pid, "PPid")));
    ASSERT_THAT(process_status(shim, "Name"), HasSubstr("containerd-shim"));
    ::kill(shim, SIGKILL);
    const auto report = next_report();
    EXPECT_EQ(report.state, ContainerState::Exited);
    EXPECT_EQ(report.exit_code, 137);
    nothing_is_left();
    run_until("the end of its program", [&] {
        const auto state = process_status(pid, "State");
        return state.empty() || state.starts_with('Z');
    });
    runs(request(slot(1), {}));  // and the slot can be used again
}

// As a call does that is carried out after whoever made it was killed.
TEST_F(ContainerdTest, RemainsThatAppearAfterTheClearingAreClearedToo) {
    const auto image = ask(host::ctrd::find_image(*client_, kImage));
    ASSERT_TRUE(image);
    auto late = settings();
    bool made = false;
    late.network.attach = [&](const placement::StartContainer&,
                              const host::ContainerNetwork::Attached& attached) {
        if (std::exchange(made, true)) return attached(host::NetworkPlace{});
        const auto prepare = [this, attached, &image]() -> host::ctrd::Awaitable<void> {
            EXPECT_TRUE(co_await client_->prepare_snapshot(name_of(slot(1)), image->top));
            attached(host::NetworkPlace{});
        };
        asio::co_spawn(loop_, prepare, asio::detached);
    };
    agent_starts(late);
    runs(shell(slot(1), "exit 3"));
    EXPECT_EQ(next_report().exit_code, 3);
    nothing_is_left();
}

TEST_F(ContainerdTest, AnAgentThatEndsInTheMiddleOfAStartLeavesOneContainerAtMost) {
    agent_starts();
    runtime_->start(request(slot(1), {}));
    run_until("its record", [&] { return !records().empty(); });
    agent_ends();
    agent_starts();
    runs(request(slot(1), {}));
    EXPECT_EQ(records().size(), 1U);
}

TEST_F(ContainerdTest, AnImageOnItsWayIsSaidBeforeItsEnd) {
    std::function<void(Result<void>)> answer;
    auto with = settings();
    with.spool = daemon_.folder() + "/spool";
    with.fetch_blob = [&](const std::string&, const host::oci::Descriptor&, const std::string&,
                          std::function<void(Result<void>)> done) { answer = std::move(done); };
    agent_starts(std::move(with));
    auto wanted = request(slot(1), {});
    wanted.container.image = "app:1@sha256:" + std::string(64, 'a');
    runtime_->start(wanted);
    const auto pulls = next_report();
    EXPECT_EQ(pulls.state, ContainerState::Pulling);
    EXPECT_EQ(pulls.detail, "fetching image app:1");
    run_until("the question for its first blob", [&] { return answer != nullptr; });
    EXPECT_THAT(reports_, IsEmpty());
    answer(fail(Errc::Refused, "nobody holds it"));
    const auto failed = next_report();
    EXPECT_EQ(failed.state, ContainerState::StartFailed);
    EXPECT_THAT(failed.detail, HasSubstr("nobody holds it"));
}

}  // namespace
}  // namespace shoal::tests
