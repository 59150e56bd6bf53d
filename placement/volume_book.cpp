#include "placement/volume_book.h"

namespace shoal::placement {

void VolumeBook::restore(const Snapshot& rows) {
    for (const Row& row : rows) {
        if (row.table != Table::Ledger || !row.value) continue;
        const auto id = parse_volume_key(row.key);
        if (!id) continue;
        const auto record = decode_volume(row.value->view());
        if (record) volumes_[*id] = *record;
    }
}

const VolumeRecord* VolumeBook::find(const VolumeId& id) const {
    const auto found = volumes_.find(id);
    return found == volumes_.end() ? nullptr : &found->second;
}

Row VolumeBook::put(const VolumeId& id, const VolumeRecord& record) {
    volumes_[id] = record;
    return {Table::Ledger, volume_key(id), Blob{encode_volume(record)}};
}

Row VolumeBook::erase(const VolumeId& id) {
    volumes_.erase(id);
    return {Table::Ledger, volume_key(id), std::nullopt};
}

}  // namespace shoal::placement
