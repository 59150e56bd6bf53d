// The made-up disk keeps exactly what a real one promises.
#include "chaos/disk.h"

#include <gtest/gtest.h>

#include <string>

namespace shoal::chaos {
namespace {

Batch put(const std::string& key) {
    return {{Table::Map, key, Blob{to_bytes("value")}}};
}

TEST(SimulatedDisk, WhatWasSyncedSurvivesEveryCrash) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Random random{seed};
        Disk disk;
        (void)disk.write(put("a"));
        disk.sync(disk.write(put("b")));
        (void)disk.write(put("c"));
        disk.crash(random);
        EXPECT_TRUE(disk.holds(Table::Map, "a"));  // Everything before the synced batch too.
        EXPECT_TRUE(disk.holds(Table::Map, "b"));
    }
}

TEST(SimulatedDisk, WhatWasNotSyncedIsLostFromTheEndOnly) {
    bool lost = false;
    bool kept = false;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Random random{seed};
        Disk disk;
        (void)disk.write(put("a"));
        (void)disk.write(put("b"));
        disk.crash(random);
        EXPECT_TRUE(disk.holds(Table::Map, "a") || !disk.holds(Table::Map, "b"));
        lost = lost || !disk.holds(Table::Map, "a");
        kept = kept || disk.holds(Table::Map, "b");
    }
    EXPECT_TRUE(lost);
    EXPECT_TRUE(kept);
}

TEST(SimulatedDisk, AnOldCopyForgetsWhatCameAfterIt) {
    Disk disk;
    EXPECT_FALSE(disk.restore_copy());
    disk.sync(disk.write(put("old")));
    disk.keep_copy();
    disk.sync(disk.write(put("new")));
    const auto before = disk.lives();
    ASSERT_TRUE(disk.restore_copy());
    EXPECT_TRUE(disk.holds(Table::Map, "old"));
    EXPECT_FALSE(disk.holds(Table::Map, "new"));
    EXPECT_GT(disk.lives(), before);
}

TEST(SimulatedDisk, AWipedOneHoldsNothing) {
    Disk disk;
    disk.sync(disk.write(put("a")));
    disk.wipe();
    EXPECT_TRUE(disk.snapshot().empty());
}

}  // namespace
}  // namespace shoal::chaos
