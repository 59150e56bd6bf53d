// The journal of a real node: what was written is there, in order, or the caller hears that it is
// not.
#include "store/rocks_journal.h"
#include "tests/support/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace shoal::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::Folder;

Row row(Table table, const std::string& key, const std::string& value) {
    return {table, key, Blob{to_bytes(value)}};
}

std::unique_ptr<RocksJournal> open(const Folder& folder) {
    auto opened = RocksJournal::open(folder.path().string());
    EXPECT_TRUE(opened.has_value()) << opened.error().detail;
    return opened ? std::move(*opened) : nullptr;
}

// Waits for the answer: nothing, or why not.
std::optional<std::string> write(RocksJournal& journal, Batch batch) {
    std::promise<std::optional<std::string>> answer;
    journal.write_synced(std::move(batch), [&](auto refused) { answer.set_value(refused); });
    return answer.get_future().get();
}

Snapshot rows_of(const Folder& folder) {
    const auto journal = open(folder);
    if (!journal) return {};
    auto rows = journal->load();
    EXPECT_TRUE(rows.has_value());
    return rows ? std::move(*rows) : Snapshot{};
}

TEST(RocksJournal, WhatWasWrittenIsThereAfterReopeningAndWhatWasErasedIsNot) {
    const Folder folder;
    {
        const auto journal = open(folder);
        ASSERT_EQ(write(*journal, {row(Table::Log, "b", "2"), row(Table::Log, "a", "1"),
                                   row(Table::Meta, "m", "0"), row(Table::Ledger, "gone", "x")}),
                  std::nullopt);
        ASSERT_EQ(write(*journal, {{Table::Ledger, "gone", std::nullopt}}), std::nullopt);
    }
    EXPECT_THAT(rows_of(folder), ElementsAre(row(Table::Meta, "m", "0"), row(Table::Log, "a", "1"),
                                             row(Table::Log, "b", "2")));
}

TEST(RocksJournal, KeysAndValuesAreOpaqueBytes) {
    const Folder folder;
    const std::string key{"\0\xff key", 6};
    const std::string value{"\xff\0\x01", 3};
    ASSERT_EQ(write(*open(folder), {row(Table::Map, key, value), row(Table::Map, "empty", "")}),
              std::nullopt);
    EXPECT_THAT(rows_of(folder),
                ElementsAre(row(Table::Map, key, value), row(Table::Map, "empty", "")));
}

TEST(RocksJournal, AnswersComeInTheOrderOfTheWrites) {
    const Folder folder;
    std::vector<int> order;
    {
        const auto journal = open(folder);
        for (int i = 0; i < 200; ++i) {
            journal->write_synced({row(Table::Meta, "last", std::to_string(i))},
                                  [&order, i](const auto& refused) {
                                      EXPECT_FALSE(refused);
                                      order.push_back(i);
                                  });
        }
    }  // Closing answers what waits.
    ASSERT_EQ(order.size(), 200U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_THAT(rows_of(folder), ElementsAre(row(Table::Meta, "last", "199")));
}

TEST(RocksJournal, WhatIsNotSyncedIsWrittenBeforeAnOrderlyEnd) {
    const Folder folder;
    open(folder)->write({row(Table::Heads, "h", "1")});
    EXPECT_THAT(rows_of(folder), ElementsAre(row(Table::Heads, "h", "1")));
}

// Of this process, since it began.
std::uint64_t write_calls() {
    std::ifstream io{"/proc/self/io"};
    std::string word;
    std::uint64_t value = 0;
    while (io >> word >> value) {
        if (word == "syscw:") return value;
    }
    ADD_FAILURE() << "/proc/self/io has no syscw";
    return 0;
}

TEST(RocksJournal, WhatGathersDuringOneWriteSharesTheNext) {
    const Folder folder;
    const auto journal = open(folder);
    std::promise<void> inside;
    std::promise<void> go_on;
    journal->write_synced({row(Table::Meta, "first", "")}, [&](const auto&) {
        inside.set_value();
        go_on.get_future().wait();
    });
    inside.get_future().wait();
    for (int i = 0; i < 499; ++i) {
        journal->write_synced({row(Table::Log, std::to_string(i), "v")}, [](const auto&) {});
    }
    std::promise<void> last;
    journal->write_synced({row(Table::Log, "last", "v")}, [&](const auto&) { last.set_value(); });
    const auto before = write_calls();
    go_on.set_value();
    last.get_future().wait();
    EXPECT_LT(write_calls() - before, 50U) << "500 batches waited together";
}

TEST(RocksJournal, ASecondProcessIsRefused) {
    const Folder folder;
    const auto journal = open(folder);
    const auto second = RocksJournal::open(folder.path().string());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::Conflict) << second.error().detail;
}

// No file may grow beyond so many bytes: what a full disk looks like from inside.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &previous_);
        const rlimit limit{bytes, previous_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }

    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &previous_);
        (void)std::signal(SIGXFSZ, previous_handler_);
    }

private:
    rlimit previous_{};
    void (*previous_handler_)(int) = nullptr;
};

TEST(RocksJournal, ARefusedWriteIsSaidAndTheNextOneIsTriedAgain) {
    const Folder folder;
    const std::string large(100'000, 'x');
    {
        const auto journal = open(folder);
        ASSERT_EQ(write(*journal, {row(Table::Map, "before", "1")}), std::nullopt);
        {
            const FileSizeLimit full{4096};
            EXPECT_TRUE(write(*journal, {row(Table::Map, "a", "x"), row(Table::Map, "b", large)}));
            EXPECT_TRUE(write(*journal, {row(Table::Map, "c", large)}));
        }
        EXPECT_EQ(write(*journal, {row(Table::Map, "d", "after")}), std::nullopt);
        EXPECT_THAT(*journal->load(),
                    ElementsAre(row(Table::Map, "before", "1"), row(Table::Map, "d", "after")));
    }
    EXPECT_THAT(rows_of(folder),
                ElementsAre(row(Table::Map, "before", "1"), row(Table::Map, "d", "after")));
}

TEST(RocksJournal, AnEmptyFolderIsANewJournal) {
    const Folder folder;
    EXPECT_THAT(rows_of(folder), IsEmpty());
}

}  // namespace
}  // namespace shoal::store
