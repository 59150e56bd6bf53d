#include "store/codec.h"

#include "node/base/wire.h"

#include <algorithm>
#include <utility>

namespace shoal::store {
namespace {

struct HashedRecord {
    std::string key{};
    std::uint64_t seq = 0;
    bool tombstone = false;
    Blob value{};
};

auto fields(Is<HashedRecord> auto& v) {
    return std::tie(v.key, v.seq, v.tombstone, v.value);
}

std::string origin_prefix(const NodeId& origin) {
    const auto bytes = to_bytes(origin);
    return {bytes.begin(), bytes.end()};
}

std::string version_key(const std::string& key, VersionId id) {
    std::string out = key;
    out.push_back('\0');
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(id >> (shift - 8))));
    }
    return out;
}

constexpr std::size_t kVersionSuffix = 9;

}  // namespace

Bytes encode_message(const Message& message) {
    return wire::encode(message);
}

Result<Message> decode_message(ByteView bytes) {
    return wire::decode<Message>(bytes);
}

Bytes signed_part(const Head& head) {
    Head bare = head;
    bare.signature = {};
    Bytes out = to_bytes("shoal.head.1:");
    const Bytes body = wire::encode(bare);
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

Bytes hashed_part(const Record& record) {
    return wire::encode(HashedRecord{record.key, record.seq, record.tombstone, record.value});
}

Row head_row(const Head& head) {
    return {Table::Heads, origin_prefix(head.origin), Blob{wire::encode(head)}};
}

Row record_row(const NodeId& origin, const Record& record) {
    return {Table::Log, origin_prefix(origin) + record.key, Blob{wire::encode(record)}};
}

Row erased_record_row(const NodeId& origin, const std::string& key) {
    return {Table::Log, origin_prefix(origin) + key, std::nullopt};
}

Row version_row(const std::string& key, VersionId id, const Version& version) {
    return {Table::Map, version_key(key, id), Blob{wire::encode(version)}};
}

Row erased_version_row(const std::string& key, VersionId id) {
    return {Table::Map, version_key(key, id), std::nullopt};
}

std::optional<Head> read_head(const Row& row) {
    if (row.table != Table::Heads || !row.value) return std::nullopt;
    auto head = wire::decode<Head>(row.value->view());
    if (!head || origin_prefix(head->origin) != row.key) return std::nullopt;
    return std::move(*head);
}

std::optional<LogRow> read_record(const Row& row) {
    if (row.table != Table::Log || !row.value || row.key.size() < 16) return std::nullopt;
    auto record = wire::decode<Record>(row.value->view());
    if (!record) return std::nullopt;
    std::array<std::uint8_t, 16> id{};
    std::copy_n(row.key.begin(), 16, id.begin());
    if (row.key.compare(16, std::string::npos, record->key) != 0) return std::nullopt;
    return LogRow{id_from_bytes<NodeTag>(id), std::move(*record)};
}

std::optional<MapRow> read_version(const Row& row) {
    if (row.table != Table::Map || !row.value || row.key.size() < kVersionSuffix) {
        return std::nullopt;
    }
    auto version = wire::decode<Version>(row.value->view());
    if (!version) return std::nullopt;
    std::string key = row.key.substr(0, row.key.size() - kVersionSuffix);
    const bool sound =
        fits(key, *version) && row.key == version_key(key, version_id(key, *version));
    if (!sound) return std::nullopt;
    return MapRow{std::move(key), std::move(*version)};
}

Bytes encode_boots(const std::vector<Boot>& boots) {
    return wire::encode(boots);
}

std::vector<Boot> decode_boots(ByteView bytes) {
    auto boots = wire::decode<std::vector<Boot>>(bytes);
    if (!boots) return {};
    return std::move(*boots);
}

}  // namespace shoal::store
