// A journal in memory: what a node has on disk, to be written to, copied (an old backup) and handed
// to the next boot.
#pragma once

#include "node/base/journal.h"

#include <map>
#include <string>
#include <utility>

namespace shoal::tests {

class Disk {
public:
    void write(const Batch& batch) {
        for (const Row& row : batch) {
            if (row.value) {
                rows_.insert_or_assign({row.table, row.key}, *row.value);
            } else {
                rows_.erase({row.table, row.key});
            }
        }
    }

    [[nodiscard]] Snapshot rows() const {
        Snapshot out;
        for (const auto& [where, value] : rows_) {
            out.push_back({where.first, where.second, value});
        }
        return out;
    }

    [[nodiscard]] std::size_t count(Table table) const {
        std::size_t out = 0;
        for (const auto& [where, value] : rows_) {
            if (where.first == table) ++out;
        }
        return out;
    }

private:
    std::map<std::pair<Table, std::string>, Blob> rows_;
};

}  // namespace shoal::tests
