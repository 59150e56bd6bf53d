// What a machine asks to be made durable, and how it hears that it is.
//
// One journal serves all machines of a node; each owns its tables. A batch is atomic. Batches
// become durable in the order they were asked for. A machine that must not act on unsynced state
// waits for Persisted{token}; on PersistFailed nothing of the batch was written, nor is any later
// one until the driver says otherwise, and the machine reports the failure to whoever asked.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace shoal {

using Token = std::uint64_t;  // Unique within one boot of one machine; strictly increasing.

enum class Table : std::uint8_t {
    Meta = 0,     // membership: incarnation limit; store: own log_epoch, boots
    Members = 1,  // membership: the roster, to rejoin without seeds
    Log = 2,      // store: origin logs, own and foreign
    Heads = 3,    // store: signed heads
    Map = 4,      // store: the shared map
    Ledger = 5,   // placement: what this node has promised and runs
};

struct Row {
    Table table = Table::Meta;
    std::string key{};            // opaque bytes
    std::optional<Blob> value{};  // nothing = erase

    friend bool operator==(const Row&, const Row&) = default;
};

auto fields(Is<Row> auto& row) {
    return std::tie(row.table, row.key, row.value);
}

using Batch = std::vector<Row>;

// All rows a node had on disk when it booted, erased ones left out, in key order per table.
using Snapshot = std::vector<Row>;

}  // namespace shoal
