// Durations, sizes, ages and the other small things done to text.
#include "cli/text.h"

#include "cli/duration.h"
#include "cli/human.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(Durations, AreANumberAndAUnit) {
    const std::pair<const char*, std::int64_t> rows[] = {
        {"500ms", 500},  {"3s", 3000},      {"1.5s", 1500},
        {"2m", 120'000}, {"1h", 3'600'000}, {"365d", 31'536'000'000}};
    for (const auto& [text, ms] : rows) {
        const auto duration = parse_duration(text);
        ASSERT_TRUE(duration) << text;
        EXPECT_EQ(duration->count(), ms) << text;
    }
}

TEST(Durations, AreRefusedWhenAnyPartIsMissingOrTooMuch) {
    for (const auto* text : {"", "3", "s", "3 s", "-3s", "0s", "0.4ms", "3sec", "1e3s", "nans",
                             "infs", "366d", "3s4"}) {
        EXPECT_FALSE(parse_duration(text)) << "'" << text << "'";
    }
}

TEST(Ages, ShowOneUnitRoundedDown) {
    const std::pair<std::int64_t, const char*> rows[] = {
        {-5, "0s"},          {0, "0ms"},         {999, "999ms"},         {1000, "1s"},
        {59'999, "59s"},     {60'000, "1m"},     {3'599'999, "59m"},     {3'600'000, "1h"},
        {86'399'999, "23h"}, {86'400'000, "1d"}, {8'640'000'000, "100d"}};
    for (const auto& [ms, text] : rows) {
        EXPECT_EQ(short_age(milliseconds{ms}), text) << ms;
    }
}

TEST(Ages, ComeFromTheTimesOfTheApi) {
    const WallTime now{1'769'853'600'000};
    EXPECT_EQ(parse_time("2026-01-31T10:00:00.000Z"), now);
    EXPECT_EQ(age_of("2026-01-31T09:57:30.000Z", now), "2m");
    for (const auto* text :
         {"", "yesterday", "2026-02-30T10:00:00.000Z", "2026-01-31 10:00:00.000Z"}) {
        EXPECT_EQ(age_of(text, now), "-") << text;
    }
}

TEST(Sizes, HaveOneDecimalBelowTen) {
    const std::pair<std::uint64_t, const char*> rows[] = {{0, "0 B"},
                                                          {1023, "1023 B"},
                                                          {1024, "1.0 KiB"},
                                                          {64ULL << 20U, "64 MiB"},
                                                          {2ULL << 30U, "2.0 GiB"},
                                                          {1932735283, "1.8 GiB"},
                                                          {(1ULL << 30U) - 1, "1.0 GiB"},
                                                          {~0ULL, "16 EiB"}};
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(human_size(bytes), text) << bytes;
    }
}

TEST(Cpus, ShowNoNeedlessDigits) {
    EXPECT_EQ(human_cpus(2), "2");
    EXPECT_EQ(human_cpus(0.5), "0.5");
    EXPECT_EQ(human_cpus(1.25), "1.25");
}

TEST(Text, FromElsewhereCannotDriveTheTerminal) {
    EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a?[2Jb?c?");
    EXPECT_EQ(printable("caf\xC3\xA9"), "caf\xC3\xA9");
    EXPECT_EQ(printable("a\xC2\x9B"
                        "2J"),
              "a??2J")
        << "the one-character form of ESC [";
}

TEST(Text, IsSplitAndJoined) {
    EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
    EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
    EXPECT_EQ(trimmed("\n"), "");
}

TEST(Urls, EscapeWhatWouldMeanSomething) {
    EXPECT_EQ(url_escaped("a-Z_0.9~"), "a-Z_0.9~");
    EXPECT_EQ(url_escaped("a/b?c=d&e f%#"), "a%2Fb%3Fc%3Dd%26e%20f%25%23");
    EXPECT_EQ(url_escaped("\xC3\xA9"), "%C3%A9");
}

}  // namespace
}  // namespace shoal::cli
