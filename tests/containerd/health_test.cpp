// Checks of real containers: what passes, what fails, what hangs, what says too much.
#include "tests/containerd/containerd_fixture.h"

#include <filesystem>

namespace shoal::tests {
namespace {

using placement::CheckOutcome;
using placement::CheckReport;
using placement::HealthCheck;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Kind = HealthCheck::Kind;

class Checks : public ContainerdTest {
protected:
    void SetUp() override {
        ContainerdTest::SetUp();
        agent_starts();
    }

    void asks(HealthCheck check, const ContainerId& id = slot(1)) {
        if (check.timeout_ms == 0) check.timeout_ms = 60'000;
        runtime_->check({.id = id, .number = ++number_, .check = std::move(check)},
                        [this](const CheckReport& report) { answers_.push_back(report); });
    }

    CheckReport answer() {
        run_until("an answer", [&] { return !answers_.empty(); });
        if (answers_.empty()) return {};
        auto out = answers_.front();
        answers_.pop_front();
        return out;
    }

    CheckReport checked(HealthCheck check) {
        asks(std::move(check));
        return answer();
    }

    static HealthCheck line(std::string text) {
        return {.kind = Kind::Shell, .test = {std::move(text)}};
    }

    // Nothing of a check stays on the host.
    void no_pipes_are_left() {
        const std::filesystem::path folder{daemon_.folder() + "/checks"};
        EXPECT_TRUE(!std::filesystem::exists(folder) || std::filesystem::is_empty(folder));
    }

    // Processes of the container beside its first.
    std::string others() {
        const auto seen =
            checked(line("for p in /proc/[0-9]*; do cat $p/cmdline | head -c 40; echo; done"));
        return seen.output;
    }

    std::deque<CheckReport> answers_;
    std::uint64_t number_ = 0;
};

TEST_F(Checks, FailThenPassAsTheProgramGetsReady) {
    runs(shell(slot(1), "sleep 1000"));
    const HealthCheck check{.kind = Kind::Program, .test = {"cat", "/run/ready"}};
    const auto before = checked(check);
    EXPECT_EQ(before.outcome, CheckOutcome::Failed);
    EXPECT_EQ(before.number, 1U);
    EXPECT_THAT(before.output, HasSubstr("No such file"));
    EXPECT_EQ(checked(line("echo it is > /run/ready")).outcome, CheckOutcome::Passed);
    const auto after = checked(check);
    EXPECT_EQ(after.outcome, CheckOutcome::Passed);
    EXPECT_EQ(after.output, "it is");
    no_pipes_are_left();
}

TEST_F(Checks, RunAsTheProgramDoes) {
    auto fish = shell(slot(1), "sleep 1000");
    fish.container.image = "test/fish";
    fish.container.environment = {{"FROM_JOB", "too"}};
    runs(fish);
    EXPECT_EQ(checked(line("id -u; echo $FROM_IMAGE $FROM_JOB; hostname")).output,
              "1234\nyes too\napp-web-1");
}

TEST_F(Checks, ThatExitWithSomethingSayWithWhat) {
    runs(request(slot(1), {}));
    EXPECT_EQ(checked(line("exit 7")).output, "exited with status 7");
}

TEST_F(Checks, ThatHangAreKilledWithAllTheyStarted) {
    runs(request(slot(1), {}));
    auto hangs = line("echo begins; sleep 4321 & sleep 4321; echo never");
    hangs.timeout_ms = 700;
    const auto late = checked(hangs);
    EXPECT_EQ(late.outcome, CheckOutcome::Failed);
    EXPECT_EQ(late.output, "took longer than 700 ms and was killed: begins");
    run_until("their end", [&] { return others().find("4321") == std::string::npos; });
    const auto task = ask(client_->task(name_of(slot(1))));
    ASSERT_TRUE(task);
    EXPECT_EQ(task->state, host::ctrd::TaskState::Running) << "the program is left alone";
    no_pipes_are_left();
}

TEST_F(Checks, ThatSayTooMuchAreHeardToTheEndAndLittleOfItIsKept) {
    runs(request(slot(1), {}));
    const auto loud =
        checked(line("dd if=/dev/zero bs=1k count=4000 2>/dev/null; echo; echo the end"));
    EXPECT_EQ(loud.outcome, CheckOutcome::Passed);
    EXPECT_LE(loud.output.size(), placement::kCheckOutputMax);
    EXPECT_THAT(loud.output, EndsWith("the end"));
    EXPECT_EQ(loud.output.find('\0'), std::string::npos) << "text, whatever it said";
}

TEST_F(Checks, OfAProgramThatIsNotThereFail) {
    runs(request(slot(1), {}));
    const auto missing = checked({.kind = Kind::Program, .test = {"no-such-check"}});
    EXPECT_EQ(missing.outcome, CheckOutcome::Failed);
    EXPECT_THAT(missing.output, HasSubstr("no-such-check"));
    EXPECT_EQ(checked(line("true")).outcome, CheckOutcome::Passed) << "nothing is left behind";
}

TEST_F(Checks, OfWhatDoesNotRunSayNothing) {
    EXPECT_EQ(checked(line("true")).outcome, CheckOutcome::Unknown);
    runs(shell(slot(1), "exit 0"));
    EXPECT_EQ(next_report().state, ContainerState::Exited);
    nothing_is_left();
    EXPECT_EQ(checked(line("true")).outcome, CheckOutcome::Unknown);
}

TEST_F(Checks, EndWithTheirContainer) {
    runs(request(slot(1), {}));
    asks(line("sleep 4321"));
    run_until("the check", [&] { return others().find("4321") != std::string::npos; });
    runtime_->stop({.id = slot(1), .grace_ms = 0});
    EXPECT_NE(answer().outcome, CheckOutcome::Passed);
    EXPECT_EQ(next_report().state, ContainerState::Exited);
    EXPECT_THAT(records(), ::testing::IsEmpty());
}

TEST_F(Checks, SayNothingWhileContainerdIsAway) {
    runs(request(slot(1), {}));
    daemon_.kill();
    EXPECT_EQ(checked(line("true")).outcome, CheckOutcome::Unknown);
    daemon_.start();
    run_until("containerd", [&] { return checked(line("true")).outcome == CheckOutcome::Passed; });
}

TEST_F(Checks, ManyAtOnceAreAllAnswered) {
    runtime_.reset();
    auto few = settings();
    few.checks_max = 2;
    agent_starts(few);
    runtime_->start(request(slot(2), {}));
    EXPECT_EQ(next_report().state, ContainerState::Running);
    for (int i = 0; i < 8; ++i) {
        asks(line("sleep 0.1"), slot(2));
    }
    run_until("all answers", [&] { return answers_.size() == 8; });
    for (const auto& one : answers_) {
        EXPECT_EQ(one.outcome, CheckOutcome::Passed) << one.output;
    }
}

TEST_F(Checks, OfTheImageAreToldWithTheReportAlsoToAnAgentThatComesBack) {
    auto checked_image = request(slot(1), {});
    checked_image.container.image = "test/checked:1";
    runtime_->start(checked_image);
    const auto told = next_report();
    ASSERT_EQ(told.state, ContainerState::Running) << told.detail;
    EXPECT_EQ(told.image_check.kind, Kind::Shell);
    EXPECT_THAT(told.image_check.test, ::testing::ElementsAre("test -e /run/ready"));
    EXPECT_EQ(told.image_check.interval_ms, 250U);
    agent_ends();
    const auto found = agent_starts();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].image_check, told.image_check);
}

}  // namespace
}  // namespace shoal::tests
