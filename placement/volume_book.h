// The volumes this node holds, as its ledger has them.
//
// A volume is entered together with the promise that wants it, in one write, so that nothing starts
// on a volume nobody knows of. Until something has run with it, it binds nobody for long: it goes
// with the last promise that wanted it.
#pragma once

#include "node/base/journal.h"
#include "placement/mounts.h"

#include <map>
#include <optional>

namespace shoal::placement {

class VolumeBook {
public:
    void restore(const Snapshot& rows);

    [[nodiscard]] const std::map<VolumeId, VolumeRecord>& all() const { return volumes_; }

    [[nodiscard]] const VolumeRecord* find(const VolumeId& id) const;

    // The rows that say so.
    [[nodiscard]] Row put(const VolumeId& id, const VolumeRecord& record);
    [[nodiscard]] Row erase(const VolumeId& id);

private:
    std::map<VolumeId, VolumeRecord> volumes_;
};

}  // namespace shoal::placement
