// The keeper on a loop: what is written is noted, kept small and swept without anybody asking.
#include "node/host/logs/keeper.h"
#include "tests/host/logs_folder.h"

#include <asio/executor_work_guard.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace shoal::host::logs {
namespace {

using namespace std::chrono_literals;

class KeeperTest : public ::testing::Test {
protected:
    void start() {
        keeper_ =
            std::make_unique<Keeper>(loop_, Keeper::Birth{.root = folder_.root(),
                                                          .live = [this] { return live_; },
                                                          .wall_ms = [this] { return now_ms_; },
                                                          .note_every = 5ms,
                                                          .sweep_every = 5ms,
                                                          .generation_max = 10,
                                                          .keeping = {.age_max_ms = 60'000}});
    }

    // The deadline only bounds a failure.
    bool comes_true(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (std::chrono::steady_clock::now() < end) {
            if (condition()) return true;
            loop_.restart();
            loop_.run_one_for(10ms);
        }
        return false;
    }

    Page read(const Question& question) {
        std::optional<Page> out;
        keeper_->read(question, [&](Page page) { out = std::move(page); });
        EXPECT_TRUE(comes_true([&] { return out.has_value(); }));
        return out.value_or(Page{});
    }

    LogFolder folder_;
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    Containers live_{};
    std::int64_t now_ms_ = 1'700'000'000'000;
    std::unique_ptr<Keeper> keeper_;
};

TEST_F(KeeperTest, NotesWhatLiveContainersWriteAndKeepsItSmall) {
    live_ = {container(0)};
    start();
    folder_.write(container(0), "0123456789abc\n");
    EXPECT_TRUE(comes_true([&] {
        return std::filesystem::exists(folder_.path(container(0)) + ".0") &&
               std::filesystem::file_size(folder_.path(container(0))) == 0;
    }));
    const auto page = read({.job = "web"});
    ASSERT_EQ(page.lines.size(), 1U);
    EXPECT_EQ(page.lines[0].text, "0123456789abc");
    EXPECT_TRUE(page.containers.at(0).live);
}

TEST_F(KeeperTest, NotesWhatWasWrittenWhileNoAgentRan) {
    folder_.write(container(0), "orphan\n", now_ms_ - 5'000);
    start();
    EXPECT_TRUE(comes_true([&] {
        return LogStream{folder_.path(container(0))}.offset_since(now_ms_ - 5'000) == 0 &&
               std::filesystem::exists(folder_.path(container(0)) + ".times");
    }));
}

TEST_F(KeeperTest, SweepsWhatIsGoneAndOldButNotTheLiving) {
    folder_.write(container(0), "x", now_ms_ - 100'000);
    folder_.write(container(1), "x", now_ms_ - 100'000);
    live_ = {container(1)};
    start();
    EXPECT_TRUE(comes_true([&] { return containers_of(folder_.root(), "web").size() == 1; }));
    EXPECT_THAT(containers_of(folder_.root(), "web"), ::testing::ElementsAre(container(1)));
}

TEST_F(KeeperTest, EndsWithoutAnsweringAndWithoutAFolder) {
    std::filesystem::remove_all(folder_.root());
    start();
    bool answered = false;
    keeper_->read({.job = "web"}, [&](const Page&) { answered = true; });
    keeper_.reset();
    loop_.poll();
    EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace shoal::host::logs
