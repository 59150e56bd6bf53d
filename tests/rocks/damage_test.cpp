// What happens to a journal whose files did not stay as they were written.
#include "store/rocks_journal.h"
#include "tests/support/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace shoal::store {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using tests::flip_byte;
using tests::Folder;

Row numbered(int i) {
    return {Table::Log, "key " + std::to_string(1000 + i), Blob{to_bytes(std::string(200, 'v'))}};
}

// Twenty rows, each in a batch of its own.
void fill(const Folder& folder) {
    const auto journal = RocksJournal::open(folder.path().string());
    ASSERT_TRUE(journal.has_value()) << journal.error().detail;
    for (int i = 0; i < 20; ++i) {
        std::promise<bool> done;
        (*journal)->write_synced({numbered(i)}, [&](const auto& no) { done.set_value(!no); });
        ASSERT_TRUE(done.get_future().get());
    }
}

Error refusal_of(const Folder& folder) {
    const auto opened = RocksJournal::open(folder.path().string());
    if (!opened) return opened.error();
    const auto rows = (*opened)->load();
    if (!rows) return rows.error();
    ADD_FAILURE() << "opened, with " << rows->size() << " rows";
    return {};
}

TEST(DamagedJournal, WithoutItsIndexIsNotTakenForANewOne) {
    const Folder folder;
    fill(folder);
    fs::remove(folder.path() / "CURRENT");
    const auto refused = refusal_of(folder);
    EXPECT_EQ(refused.code, Errc::Malformed);
    EXPECT_THAT(refused.detail, AllOf(HasSubstr(folder.path().string()), HasSubstr("CURRENT"),
                                      HasSubstr("backup")));
}

TEST(DamagedJournal, WithoutItsManifestIsRefused) {
    const Folder folder;
    fill(folder);
    fs::remove(folder.find("MANIFEST"));
    EXPECT_EQ(refusal_of(folder).code, Errc::Malformed);
}

TEST(DamagedJournal, WithGarbageForAManifestIsRefused) {
    const Folder folder;
    fill(folder);
    std::ofstream{folder.find("MANIFEST"), std::ios::binary} << std::string(500, '#');
    EXPECT_EQ(refusal_of(folder).code, Errc::Malformed);
}

TEST(DamagedJournal, WithAFlippedByteInATableIsRefused) {
    const Folder folder;
    fill(folder);
    fill(folder);  // Opening writes what the log held into a table.
    const auto table = folder.find(".sst");
    flip_byte(table, fs::file_size(table) / 4);
    EXPECT_EQ(refusal_of(folder).code, Errc::Malformed);
}

TEST(DamagedJournal, WithoutOneOfItsTablesIsRefused) {
    const Folder folder;
    fill(folder);
    fill(folder);
    fs::remove(folder.find(".sst"));
    EXPECT_EQ(refusal_of(folder).code, Errc::Malformed);
}

TEST(DamagedJournal, WithoutItsNewestLogIsRefused) {
    const Folder folder;
    fill(folder);
    fs::remove(folder.find(".log"));
    EXPECT_THAT(refusal_of(folder).detail, HasSubstr(".log"));
}

TEST(DamagedJournal, OnlyADamagedOneIsCutShort) {
    const Folder folder;
    fill(folder);
    const auto opened = RocksJournal::open(folder.path().string());
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    EXPECT_FALSE((*opened)->cut_short());
}

// A log torn by a power cut ends early; one damaged in the middle counts as ending there. Either
// way the node stands where it once stood, and the protocol knows nodes that were rolled back.
TEST(DamagedJournal, WithADamagedLogIsAnEarlierOneAndNeverAWrongOne) {
    for (const bool cut : {true, false}) {
        const Folder folder;
        fill(folder);
        const auto log = folder.find(".log");
        const auto half = fs::file_size(log) / 2;
        if (cut) {
            fs::resize_file(log, half);
        } else {
            flip_byte(log, half);
        }
        const auto opened = RocksJournal::open(folder.path().string());
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        EXPECT_EQ((*opened)->cut_short(), !cut) << "damage is said; a torn end is nothing unusual";
        const auto rows = (*opened)->load();
        ASSERT_TRUE(rows.has_value());
        EXPECT_GT(rows->size(), 2U);
        EXPECT_LT(rows->size(), 18U);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            EXPECT_EQ((*rows)[i], numbered(static_cast<int>(i)));
        }
    }
}

TEST(DamagedJournal, OfANewerShoalIsRefusedByNameAndLeftAlone) {
    const Folder folder;
    fill(folder);
    {
        std::vector<std::string> names;
        ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, folder.path().string(), &names).ok());
        std::vector<rocksdb::ColumnFamilyDescriptor> all;
        for (const auto& name : names) {
            all.emplace_back(name, rocksdb::ColumnFamilyOptions{});
        }
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* raw = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open({}, folder.path().string(), all, &handles, &raw).ok());
        const std::unique_ptr<rocksdb::DB> db{raw};
        handles.emplace_back();
        ASSERT_TRUE(db->CreateColumnFamily({}, "secrets", &handles.back()).ok());
        for (auto* handle : handles) {
            ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
        }
    }
    const auto refused = refusal_of(folder);
    EXPECT_EQ(refused.code, Errc::Refused);
    EXPECT_THAT(refused.detail, AllOf(HasSubstr("newer shoal"), HasSubstr("'secrets'")));
}

}  // namespace
}  // namespace shoal::store
