// Lines and pages: whatever way the output of a job is cut, put together it is what was written.
#include "node/base/random.h"
#include "node/host/logs/cursor.h"
#include "node/host/logs/lines.h"
#include "node/host/logs/page.h"
#include "tests/host/logs_folder.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <rapidcheck.h>

namespace shoal::host::logs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t kNow = 1'700'000'000'000;

std::string byte_of(const Piece& piece) {
    return piece.text + (piece.ends_line ? "\n" : "");
}

std::vector<std::string> texts(const Page& page) {
    std::vector<std::string> out;
    for (const auto& line : page.lines) {
        out.push_back(line.text);
    }
    return out;
}

class LogPages : public ::testing::Test {
protected:
    [[nodiscard]] Page read(const Question& question, const Containers& live = {}) const {
        return read_page(folder_.root(), question, live, kNow);
    }

    [[nodiscard]] Page after(const Page& page, const Containers& live = {}) const {
        return read({.job = "web", .cursor = page.next}, live);
    }

    LogFolder folder_;
};

using LogLines = LogPages;

TEST_F(LogLines, ComeWithAndWithoutTheirEnd) {
    folder_.write(container(0), "one\n\ntwo\nthr");
    const LogStream stream{folder_.path(container(0))};
    LineReader left{stream, 0, Unfinished::Left};
    EXPECT_EQ(left.next()->text, "one");
    EXPECT_EQ(left.next()->text, "");
    EXPECT_EQ(left.next()->text, "two");
    EXPECT_FALSE(left.next().has_value()) << "it may go on";
    LineReader given{stream, 9, Unfinished::Given};
    const auto last = given.next();
    EXPECT_EQ(last->text, "thr");
    EXPECT_FALSE(last->ends_line);
    EXPECT_FALSE(given.next().has_value());
}

TEST_F(LogLines, ALongOneComesInPiecesThatCutNoCharacter) {
    std::string text;
    while (text.size() < 3 * kLineMax) {
        text += "aé€🐟";
    }
    folder_.write(container(0), text + "\n" + std::string(kLineMax, 'x') + "\nlast\n");
    const LogStream stream{folder_.path(container(0))};
    LineReader reader{stream, 0, Unfinished::Left};
    std::string together;
    while (const auto piece = reader.next()) {
        EXPECT_LE(piece->text.size(), kLineMax);
        if (!piece->text.empty()) {
            EXPECT_NE(static_cast<unsigned char>(piece->text.front()) & 0xC0U, 0x80U);
        }
        together += byte_of(*piece);
    }
    EXPECT_EQ(together, all_of(stream));
}

TEST_F(LogLines, TheLastOnesAreFoundFromTheEnd) {
    folder_.write(container(0), "one\ntwo\nthree\nfo");
    const LogStream stream{folder_.path(container(0))};
    EXPECT_THAT(last_lines(stream, 0), IsEmpty());
    EXPECT_THAT(last_lines(stream, 1), ElementsAre(14));
    EXPECT_THAT(last_lines(stream, 3), ElementsAre(4, 8, 14));
    EXPECT_THAT(last_lines(stream, 9), ElementsAre(0, 4, 8, 14));
    EXPECT_EQ(line_from(stream, 0), 0U);
    EXPECT_EQ(line_from(stream, 4), 4U);
    EXPECT_EQ(line_from(stream, 5), 8U);
    EXPECT_EQ(line_from(stream, 15), 16U);
}

// The law of reading: pages of any size, with output and rotations in between, are exactly what was
// written, in the order it was written, each byte once.
TEST_F(LogPages, PutTogetherAreWhatWasWrittenHoweverTheyAreCut) {
    EXPECT_TRUE(rc::check("pages put together", [](std::uint64_t seed) {
        Random random{seed};
        const LogFolder folder;
        const std::vector<placement::ContainerId> ids = {container(0), container(1),
                                                         container(1, 7)};
        std::map<std::pair<placement::ContainerId, std::size_t>, std::string> written;
        std::map<std::pair<placement::ContainerId, std::size_t>, std::string> seen;
        std::optional<Cursor> cursor;
        const auto look = [&](const Containers& live) {
            const auto page = read_page(folder.root(),
                                        {.job = "web",
                                         .cursor = cursor,
                                         .page_max = static_cast<std::size_t>(random.below(800))},
                                        live, kNow);
            RC_ASSERT(page.gaps.empty());
            for (const auto& line : page.lines) {
                seen[{line.id, line.stream}] += line.text + (line.partial ? "" : "\n");
            }
            cursor = page.next;
            return page.more || !page.lines.empty();
        };
        for (int step = 0; step < 40; ++step) {
            const auto& id = ids[random.below(ids.size())];
            const auto stream = static_cast<std::size_t>(random.below(2));
            const auto path = folder.path(id, kStreams[stream]);
            switch (random.below(4)) {
                case 0:
                case 1: {
                    std::string text;
                    for (auto left = random.below(60); left > 0; --left) {
                        text +=
                            random.chance(150'000) ? '\n' : static_cast<char>(random.below(256));
                    }
                    folder.write(id, text, kNow - 500 + step, kStreams[stream]);
                    written[{id, stream}] += text;
                    break;
                }
                case 2:
                    // One generation is kept: whatever is rotated away twice must have been read.
                    while (look({})) {
                    }
                    LogStream{path}.tend(100);
                    break;
                default:
                    look({ids.begin(), ids.end()});
            }
        }
        while (look({})) {
        }
        for (const auto& [key, text] : written) {
            RC_ASSERT(seen[key] == text);
        }
    }));
}

TEST_F(LogPages, MergeStreamsAndReplicasByTime) {
    folder_.says(container(0), "first\n", kNow - 9'000);
    folder_.says(container(1), "second\n", kNow - 8'000);
    folder_.says(container(0), "third\n", kNow - 7'000, "stderr");
    folder_.says(container(0), "fourth\n", kNow - 6'000);
    const auto page = read({.job = "web"});
    EXPECT_THAT(texts(page), ElementsAre("first", "second", "third", "fourth"));
    EXPECT_EQ(page.lines[2].stream, 1U);
    EXPECT_EQ(page.lines[2].ms, kNow - 7'000);
    EXPECT_FALSE(page.more);
    EXPECT_THAT(texts(read({.job = "web", .slot = 1})), ElementsAre("second"));
    EXPECT_THAT(texts(read({.job = "other"})), IsEmpty());
}

TEST_F(LogPages, TheTailIsTheLatestOfAllTogether) {
    folder_.says(container(0), "a1\na2\na3\n", kNow - 9'000);
    folder_.says(container(1), "b1\n", kNow - 8'000);
    folder_.says(container(0), "a4\n", kNow - 7'000);
    EXPECT_THAT(texts(read({.job = "web", .tail = 3})), ElementsAre("a3", "b1", "a4"));
    const auto none = read({.job = "web", .tail = 0});
    EXPECT_THAT(texts(none), IsEmpty());
    folder_.says(container(1), "b2\n", kNow - 6'000);
    EXPECT_THAT(texts(after(none)), ElementsAre("b2")) << "behind the end it had then";
    EXPECT_THAT(texts(read({.job = "web", .tail = 9, .since_ms = kNow - 8'000})),
                ElementsAre("b1", "a4", "b2"));
}

TEST_F(LogPages, SinceBeginsWithTheFirstLineThatBeganThen) {
    folder_.says(container(0), "old\nbegun be", kNow - 9'000);
    folder_.says(container(0), "fore\nnew\n", kNow - 5'000);
    EXPECT_THAT(texts(read({.job = "web", .since_ms = kNow - 6'000})), ElementsAre("new"));
    EXPECT_THAT(texts(read({.job = "web", .since_ms = kNow})), IsEmpty());
    EXPECT_THAT(texts(read({.job = "web", .since_ms = 0})), SizeIs(3));
}

TEST_F(LogPages, AReaderThatWasAwayForTwoGenerationsIsToldOfTheGap) {
    folder_.says(container(0), "seen\n", kNow - 9'000);
    const auto page = read({.job = "web"});
    for (const auto* text : {"lost lost\n", "also lost\n"}) {
        folder_.write(container(0), text);
        LogStream{folder_.path(container(0))}.tend(5);
    }
    folder_.write(container(0), "kept\n");
    const auto next = after(page);
    EXPECT_THAT(texts(next), ElementsAre("also lost", "kept"));
    ASSERT_THAT(next.gaps, SizeIs(1));
    EXPECT_EQ(next.gaps[0].bytes, 10U);
    EXPECT_THAT(after(next).gaps, IsEmpty());
}

TEST_F(LogPages, AnUnfinishedLineWaitsWhileItsProgramMayGoOn) {
    folder_.write(container(0), "prom", kNow - 100);
    const auto page = read({.job = "web"}, {container(0)});
    EXPECT_THAT(texts(page), IsEmpty());
    folder_.write(container(0), "pt> ", kNow - 50);
    EXPECT_THAT(texts(after(page, {container(0)})), IsEmpty());
    EXPECT_THAT(texts(after(page)), ElementsAre("prompt> ")) << "its container is gone";
    folder_.write(container(0), "", kNow - 2'000);
    const auto quiet = after(page, {container(0)});
    EXPECT_THAT(texts(quiet), ElementsAre("prompt> ")) << "quiet for two seconds";
    EXPECT_TRUE(quiet.lines[0].partial);
}

TEST_F(LogPages, ACursorOfNonsenseIsPutWithinTheStream) {
    folder_.says(container(0), "one\n", kNow - 9'000);
    const Cursor beyond = {{{0, 1}, {~0ULL, ~0ULL}}, {{7, 7}, {3, 3}}};
    const auto page = read({.job = "web", .cursor = beyond});
    EXPECT_THAT(texts(page), IsEmpty());
    EXPECT_EQ(page.next, (Cursor{{{0, 1}, {4, 0}}}));
}

TEST_F(LogPages, OfTooManyContainersTheNewestAreShown) {
    for (std::uint32_t slot = 0; slot < kContainersMax + 3; ++slot) {
        folder_.says(container(slot), "x\n", kNow - 1'000'000 + slot);
    }
    const auto page = read({.job = "web"});
    EXPECT_THAT(page.containers, SizeIs(kContainersMax));
    EXPECT_EQ(page.lines.front().id.slot.index, 3U);
    EXPECT_LE(encode_cursor(page.next).size(), 4096U) << "fits the first line of a request";
}

TEST_F(LogPages, AreBoundedAlsoForShortLinesAndControlCharacters) {
    folder_.write(container(0), std::string(600'000, '\n'));
    folder_.write(container(1), std::string(400'000, '\x01'));
    auto page = read({.job = "web", .slot = 0});
    EXPECT_TRUE(page.more);
    EXPECT_LE(page.lines.size(), 5'000U);
    page = read({.job = "web", .slot = 1});
    EXPECT_TRUE(page.more);
    EXPECT_LE(page.lines.size(), 7U);
}

TEST(LogCursor, IsReadAsItWasWritten) {
    EXPECT_TRUE(rc::check("a cursor comes back", [](const Cursor& cursor) {
        RC_PRE(cursor.size() <= kContainersMax);
        const auto again = decode_cursor(encode_cursor(cursor));
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == cursor);
    }));
    EXPECT_EQ(encode_cursor({{{2, 17}, {4096, 0}}}), "2-17-4096-0");
    EXPECT_EQ(*decode_cursor(""), Cursor{});
}

TEST(LogCursor, RefusesEverythingElse) {
    for (const auto* text :
         {"x", "1", "1-2-3", "1-2-3-4-5", "1-2-3-4.", ".", "1-2-3-4.1-2-5-6", "-1-2-3-4",
          "1-2-3- 4", "4294967296-1-0-0", "1-18446744073709551616-0-0"}) {
        EXPECT_FALSE(decode_cursor(text).has_value()) << text;
    }
    std::string many;
    for (std::size_t i = 0; i <= kContainersMax; ++i) {
        many += (i == 0 ? "" : ".") + std::to_string(i) + "-1-0-0";
    }
    EXPECT_FALSE(decode_cursor(many).has_value());
}

}  // namespace
}  // namespace shoal::host::logs
