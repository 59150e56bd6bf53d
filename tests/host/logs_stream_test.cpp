// One stream: its generations, its times, and what crashes and strangers do to it.
#include "node/base/random.h"
#include "node/host/logs/sweep.h"
#include "tests/host/logs_folder.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <sys/resource.h>

namespace shoal::host::logs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const auto kWeb = container(0);

class LogStreams : public ::testing::Test {
protected:
    [[nodiscard]] LogStream stream() const { return LogStream{folder_.path(kWeb)}; }

    [[nodiscard]] std::string path(const std::string& ending = "") const {
        return folder_.path(kWeb) + ending;
    }

    void tend(std::uint64_t generation_max) const { stream().tend(generation_max); }

    void make(const std::string& ending, const std::string& text) const {
        std::ofstream{path(ending)} << text;
    }

    LogFolder folder_;
};

TEST_F(LogStreams, OneWithoutAFileIsEmpty) {
    EXPECT_EQ(stream().begin(), 0U);
    EXPECT_EQ(stream().end(), 0U);
    EXPECT_EQ(stream().written_ms(), 0);
    EXPECT_EQ(stream().read(0, 10), "");
    stream().note();
    EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(LogStreams, ATooLongFileBecomesTheOlderGenerationAndOffsetsGoOn) {
    folder_.write(kWeb, "0123456789");
    tend(10);
    EXPECT_EQ(std::filesystem::file_size(path()), 10U) << "not over the limit yet";
    folder_.write(kWeb, "ab");
    tend(10);
    EXPECT_EQ(std::filesystem::file_size(path()), 0U);
    folder_.write(kWeb, "cd");
    tend(10);
    EXPECT_EQ(all_of(stream()), "0123456789abcd");
    EXPECT_EQ(stream().read(10, 100), "ab") << "up to the border of a generation";
    folder_.write(kWeb, "efghijklmnop");
    tend(10);
    EXPECT_EQ(stream().begin(), 12U) << "the oldest generation has gone";
    EXPECT_EQ(stream().end(), 26U);
    EXPECT_EQ(all_of(stream()), "cdefghijklmnop");
    EXPECT_THAT(folder_.files_of(kWeb), ElementsAre("stdout", "stdout.12", "stdout.times"));
}

TEST_F(LogStreams, TheFileIsTheSameSoThatAShimNeedNotOpenItAgain) {
    std::ofstream shim;
    folder_.write(kWeb, "");
    shim.open(path(), std::ios::app);
    shim << "0123456789abc" << std::flush;
    tend(10);
    shim << "def" << std::flush;
    EXPECT_EQ(all_of(stream()), "0123456789abcdef");
}

TEST_F(LogStreams, WhatCameMuchTooFastLosesItsBeginning) {
    folder_.write(kWeb, std::string(25, 'a') + "0123456789");
    tend(10);
    EXPECT_EQ(stream().begin(), 25U);
    EXPECT_EQ(all_of(stream()), "0123456789");
}

TEST_F(LogStreams, ATruncationByAStrangerIsCounted) {
    folder_.write(kWeb, "0123456789");
    stream().note();
    std::filesystem::resize_file(path(), 0);
    folder_.write(kWeb, "new");
    stream().note();
    EXPECT_EQ(stream().begin(), 10U);
    EXPECT_EQ(stream().end(), 13U);
    EXPECT_EQ(all_of(stream()), "new");
}

// The law of a crash: whatever step it comes after, no byte is read twice and none is lost.
TEST_F(LogStreams, ACrashBetweenAnyTwoStepsOfARotationChangesNoOffset) {
    struct State {
        std::string name{};
        std::map<std::string, std::string> files{};  // by ending
    };

    const std::string before = "the first generation, ";
    const std::string older = "what was there before ";
    const std::vector<State> states = {
        {"copying", {{"", before}, {".part", "the fi"}}},
        {"copied", {{"", before}, {".part", before}}},
        {"renamed", {{"", before}, {".22.copied", before}}},
        {"truncated", {{"", ""}, {".22.copied", before}}},
        {"renamed again", {{"", ""}, {".22", before}}},
    };
    for (const auto& state : states) {
        SCOPED_TRACE(state.name);
        std::filesystem::remove_all(folder_of(folder_.root(), kWeb));
        folder_.write(kWeb, "");
        make(".0", older);
        for (const auto& [ending, text] : state.files) {
            make(ending, text);
        }
        folder_.write(kWeb, "and more");
        stream().note();
        const auto end = older.size() + before.size() + 8;
        EXPECT_EQ(stream().end(), end);
        EXPECT_EQ(stream().read(older.size(), before.size()), before);
        EXPECT_EQ(stream().read(end - 8, 100), "and more");
        EXPECT_FALSE(std::filesystem::exists(path(".part")));
    }
}

// As on a full disk: nothing can be made longer than that.
class NoRoomFor {
public:
    explicit NoRoomFor(rlim_t bytes) {
        (void)std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }

    NoRoomFor(const NoRoomFor&) = delete;
    NoRoomFor& operator=(const NoRoomFor&) = delete;

    ~NoRoomFor() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(LogStreams, WhatCannotBeCopiedIsDroppedAndCounted) {
    folder_.write(kWeb, "the first generation");
    tend(10);
    folder_.write(kWeb, "the second generation");
    {
        const NoRoomFor more{5};
        tend(10);
    }
    EXPECT_THAT(folder_.files_of(kWeb), ElementsAre("stdout", "stdout.41", "stdout.times"));
    EXPECT_EQ(stream().begin(), 41U);
    folder_.write(kWeb, "goes on");
    EXPECT_EQ(stream().read(41, 100), "goes on");
}

TEST_F(LogStreams, WhatIsNotOursInTheFolderIsLeftAlone) {
    folder_.write(kWeb, "text");
    make(".backup", "x");
    make(".99999999999999999999999", "x");
    make(".18446744073709551615", "x");
    std::filesystem::create_symlink("/etc/passwd", path(".7"));
    tend(2);
    EXPECT_EQ(all_of(stream()), "text");
    EXPECT_TRUE(std::filesystem::exists(path(".backup")));
}

TEST_F(LogStreams, ABytesTimeIsThatOfTheFirstLookThatFoundIt) {
    folder_.says(kWeb, "one\n", 1'000'000);
    folder_.says(kWeb, "two\n", 1'001'000);
    folder_.write(kWeb, "three\n", 1'002'500);
    const auto log = stream();
    EXPECT_EQ(log.time_of(0), 1'000'000);
    EXPECT_EQ(log.time_of(3), 1'000'000);
    EXPECT_EQ(log.time_of(4), 1'001'000);
    EXPECT_EQ(log.time_of(8), 1'002'500) << "not noted yet: when the file was last written";
    EXPECT_EQ(log.offset_since(0), 0U);
    EXPECT_EQ(log.offset_since(1'000'001), 4U);
    EXPECT_EQ(log.offset_since(1'001'000), 4U);
    EXPECT_EQ(log.offset_since(1'002'000), 8U);
    EXPECT_EQ(log.offset_since(1'002'501), 14U) << "nothing is so new";
}

TEST_F(LogStreams, TimesOutliveTheGenerationTheyWereNotedIn) {
    folder_.says(kWeb, "0123456789ab", 1'000'000);
    tend(10);
    folder_.says(kWeb, "cd", 1'005'000);
    EXPECT_EQ(stream().time_of(11), 1'000'000);
    EXPECT_EQ(stream().time_of(12), 1'005'000);
}

TEST_F(LogStreams, ADamagedIndexCostsTimesAndNothingElse) {
    folder_.says(kWeb, "one\n", 1'000'000);
    std::ofstream{path(".times"), std::ios::app} << "torn";
    folder_.says(kWeb, "two\n", 1'001'000);
    EXPECT_EQ(stream().time_of(0), 1'000'000);
    EXPECT_EQ(stream().time_of(4), 1'001'000);
    make(".times", std::string(4096, '\0'));
    EXPECT_EQ(all_of(stream()), "one\ntwo\n");
    EXPECT_EQ(stream().time_of(0), 1'001'000);
}

TEST_F(LogStreams, TheIndexIsBoundedAndGetsCoarserFromItsOldEnd) {
    folder_.write(kWeb, "");
    TimeIndex index{path(".times")};
    const std::uint64_t count = TimeIndex::kMarksMax + 10;
    for (std::uint64_t i = 1; i <= count; ++i) {
        index.add({static_cast<std::int64_t>(i) * 1000, i});
    }
    EXPECT_LE(std::filesystem::file_size(path(".times")), TimeIndex::kMarksMax * 16);
    EXPECT_EQ(index.last(), (Mark{static_cast<std::int64_t>(count) * 1000, count}));
    EXPECT_EQ(index.covering(count - 5)->end, count - 4);
    const auto old = index.covering(100)->ms;
    EXPECT_GE(old, 101'000);
    EXPECT_LE(old, 102'000);
    index.forget_before(count - 2);
    EXPECT_EQ(std::filesystem::file_size(path(".times")), 2U * 16);
}

// ---- what goes

class Sweeping : public ::testing::Test {
protected:
    void sweep(const Containers& live = {}) const {
        logs::sweep(folder_.root(), live, keeping_, kNow, [] { return true; });
    }

    [[nodiscard]] std::vector<placement::ContainerId> left() const {
        return all_containers(folder_.root());
    }

    static constexpr std::int64_t kDay = 86'400'000;
    static constexpr std::int64_t kNow = 1'700'000'000'000;
    LogFolder folder_;
    Keeping keeping_{};
};

TEST_F(Sweeping, RemovesWhatIsOldAndNeverWhatLives) {
    folder_.says(container(0), "x", kNow - 8 * kDay);
    folder_.says(container(1), "x", kNow - 8 * kDay);
    folder_.says(container(2), "x", kNow - 6 * kDay);
    sweep({container(1)});
    EXPECT_THAT(left(), ElementsAre(container(1), container(2)));
    EXPECT_FALSE(std::filesystem::exists(folder_of(folder_.root(), container(0))));
}

TEST_F(Sweeping, OnALowDiskTheOldestGoFirstUntilItIsNot) {
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
        folder_.says(container(slot), "x", kNow - (slot + 1) * kDay);
    }
    folder_.says(container(9), "x", kNow - 1'000);
    keeping_.disk_is_low = [this](const std::string&) { return left().size() > 3; };
    sweep({container(3)});
    EXPECT_THAT(left(), ElementsAre(container(0), container(3), container(9)));
    keeping_.disk_is_low = [](const std::string&) { return true; };
    sweep({container(3)});
    EXPECT_THAT(left(), ElementsAre(container(3), container(9))) << "what is fresh stays a moment";
}

TEST_F(Sweeping, RemovesNothingThatIsNotAContainersOwn) {
    const auto inner = container(0, 1, "web/0-1");  // a job whose folder is a container's of "web"
    folder_.says(container(0), "x", kNow - 8 * kDay);
    folder_.says(inner, "x", kNow);
    std::ofstream{folder_.root() + "/web/0-1/notes"} << "mine";
    sweep();
    EXPECT_THAT(left(), ElementsAre(inner));
    EXPECT_TRUE(std::filesystem::exists(folder_.root() + "/web/0-1/notes"));
}

TEST_F(Sweeping, AFolderIsOneContainersInOneSpellingOnly) {
    EXPECT_EQ(parse_folder("web", "2-17"), container(2, 17));
    for (const auto* name : {"02-17", "2-", "-17", "2", "2-17x", "2-17-3", "+2-1", ""}) {
        EXPECT_EQ(parse_folder("web", name), std::nullopt) << name;
    }
    EXPECT_THAT(all_containers(folder_.root() + "/nowhere"), IsEmpty());
    sweep();
}

}  // namespace
}  // namespace shoal::host::logs
