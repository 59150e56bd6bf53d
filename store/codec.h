// Store messages and rows as bytes. Decoding is bounded and never throws.
#pragma once

#include "node/base/bytes.h"
#include "node/base/journal.h"
#include "node/base/result.h"
#include "store/messages.h"

#include <optional>
#include <string>

namespace shoal::store {

[[nodiscard]] Bytes encode_message(const Message& message);
[[nodiscard]] Result<Message> decode_message(ByteView bytes);

// What an origin signs: its head without the signature, under a name that no other signed thing
// has.
[[nodiscard]] Bytes signed_part(const Head& head);

// What a record contributes to its log's content.
[[nodiscard]] Bytes hashed_part(const Record& record);

// Rows of the journal.
[[nodiscard]] Row head_row(const Head& head);
[[nodiscard]] Row record_row(const NodeId& origin, const Record& record);
[[nodiscard]] Row erased_record_row(const NodeId& origin, const std::string& key);
[[nodiscard]] Row version_row(const std::string& key, VersionId id, const Version& version);
[[nodiscard]] Row erased_version_row(const std::string& key, VersionId id);

struct LogRow {
    NodeId origin{};
    Record record{};
};

struct MapRow {
    std::string key{};
    Version version{};
};

[[nodiscard]] std::optional<Head> read_head(const Row& row);
[[nodiscard]] std::optional<LogRow> read_record(const Row& row);
[[nodiscard]] std::optional<MapRow> read_version(const Row& row);

[[nodiscard]] Bytes encode_boots(const std::vector<Boot>& boots);
[[nodiscard]] std::vector<Boot> decode_boots(ByteView bytes);

}  // namespace shoal::store
