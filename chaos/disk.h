// One node's disk: a write-ahead log of batches that loses its un-synced tail in a crash, can be
// put back to an old copy, and can be full.
#pragma once

#include "node/base/journal.h"
#include "node/base/random.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace shoal::chaos {

class Disk {
public:
    // Batches are numbered from 1 in the order they were written.
    std::uint64_t write(const Batch& batch);
    // Everything up to this batch survives a crash from now on.
    void sync(std::uint64_t number);
    // Some of the un-synced tail may have reached the platter on its own; a prefix survives.
    void crash(Random& random);

    void keep_copy() { copy_ = durable_; }

    // The machine comes back with the disk as it was then. False if no copy was ever kept.
    bool restore_copy();
    void wipe();

    void set_full(bool full) { full_ = full; }

    [[nodiscard]] bool full() const { return full_; }

    [[nodiscard]] Snapshot snapshot() const;

    [[nodiscard]] bool holds(Table table, const std::string& key) const {
        return durable_.contains({table, key});
    }

    // How often it lost something that was synced.
    [[nodiscard]] std::uint32_t lives() const { return lives_; }

private:
    using Rows = std::map<std::pair<Table, std::string>, Blob>;

    void apply(const Batch& batch);

    Rows durable_;
    Rows copy_;
    std::deque<Batch> tail_;
    std::uint64_t first_in_tail_ = 1;
    bool full_ = false;
    std::uint32_t lives_ = 0;
};

}  // namespace shoal::chaos
