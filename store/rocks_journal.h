// The journal of a real node: RocksDB, with group commit.
//
// One thread writes. It takes everything that waits, makes one atomic write of it, syncs if anybody
// wants that, and then answers all: under load a hundred batches cost one fsync. Batches become
// durable in the order they were handed over. After a refusal (a full disk) the next write tries
// again; nothing of a refused group was written.
#pragma once

#include "node/base/journal.h"
#include "node/base/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace shoal::store {

class RocksJournal {
public:
    // Called once, on the journal's own thread: nothing if the batch is on disk, else why not.
    using Done = std::function<void(std::optional<std::string> refused)>;

    // Opens the journal in `path`, or makes a new one if the folder is empty or missing. Errors:
    // Malformed (damaged, or files missing; says which), Refused (written by a newer shoal),
    // Conflict (another process has it open), Full, Io.
    static Result<std::unique_ptr<RocksJournal>> open(const std::string& path);

    RocksJournal(const RocksJournal&) = delete;
    RocksJournal& operator=(const RocksJournal&) = delete;
    // Writes and answers what is waiting, then closes.
    ~RocksJournal();

    // The newest writes were damaged and are lost: what there is, is as it once was.
    [[nodiscard]] bool cut_short() const;

    // All rows, in key order per table. Before the first write.
    [[nodiscard]] Result<Snapshot> load() const;

    // Never block. Without `done` the rows may be lost in a crash.
    void write(Batch batch);
    void write_synced(Batch batch, Done done);

private:
    class Impl;
    explicit RocksJournal(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace shoal::store
