// Which containerd it is decides whether it is used, and a person is told.
#include "node/host/containerd/containerd_runtime.h"
#include "tests/containerd/fake_containerd.h"
#include "tests/containerd/private_containerd.h"

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace shoal::tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Versions : public ::testing::Test {
protected:
    void agent_starts() {
        runtime_.emplace(
            loop_,
            host::ctrd::Settings{.socket = place_.socket(),
                                 .start_patience = std::chrono::seconds{1}},
            [this](const placement::ContainerReport& report) { reports_.push_back(report); });
        runtime_->on_trouble([this](const std::string& why) { troubles_.push_back(why); });
        runtime_->list([this](const auto&) { listed_ = true; });
    }

    void run_until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{90};
        while (!done()) {
            loop_.restart();
            ASSERT_LT(std::chrono::steady_clock::now(), end);
            loop_.run_one_for(std::chrono::milliseconds{20});
        }
    }

    PrivateContainerd place_;  // for its folder; it is not started
    asio::io_context loop_{1};
    std::vector<placement::ContainerReport> reports_;
    std::vector<std::string> troubles_;
    bool listed_ = false;
    std::optional<host::ctrd::ContainerdRuntime> runtime_;
};

TEST_F(Versions, TheTestedOneIsUsedWithoutAWord) {
    const FakeContainerd daemon{place_.socket(), "1.6.20~ds1"};
    agent_starts();
    run_until([&] { return listed_; });
    EXPECT_THAT(troubles_, IsEmpty());
    runtime_.reset();
}

TEST_F(Versions, AnotherOneIsRefusedByNameUntilItIsReplaced) {
    FakeContainerd daemon{place_.socket(), "v2.0.3"};
    agent_starts();
    run_until([&] { return !troubles_.empty(); });
    EXPECT_THAT(troubles_, ElementsAre(AllOf(HasSubstr(place_.socket()),
                                             HasSubstr("v2.0.3 is not supported"))));
    runtime_->start({.id = {{"web", 0}, 1}});
    run_until([&] { return !reports_.empty(); });
    EXPECT_EQ(reports_[0].state, placement::ContainerState::StartFailed);
    EXPECT_THAT(reports_[0].detail, HasSubstr("v2.0.3 is not supported"));
    EXPECT_FALSE(listed_);
    daemon.becomes("1.7.24");
    run_until([&] { return listed_; });
    ASSERT_EQ(troubles_.size(), 2U) << "said once each";
    EXPECT_EQ(troubles_[1], "");
    runtime_.reset();
}

TEST_F(Versions, NobodyThereIsTroubleTooAndEndsWhenSomebodyIs) {
    agent_starts();
    run_until([&] { return !troubles_.empty(); });
    EXPECT_THAT(troubles_[0], HasSubstr(place_.socket()));
    const FakeContainerd daemon{place_.socket(), "1.6.20"};
    run_until([&] { return listed_; });
    EXPECT_EQ(troubles_.back(), "");
    runtime_.reset();
}

}  // namespace
}  // namespace shoal::tests
