// How far a reader has come with the containers of one job on one node, as text that goes out with
// one answer and comes back with the next question.
//
// "2-17-4096-0.3-1-77-12": of slot 2, epoch 17 the next bytes are 4096 of stdout and 0 of stderr,
// and so on. Offsets count from the beginning of a stream (log_stream.h), so they outlive every
// truncation. What comes back is a stranger's: any numbers may stand in it.
#pragma once

#include "node/base/result.h"
#include "placement/types.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace shoal::host::logs {

// Of one job on one node; a line of a cursor has room for them all.
inline constexpr std::size_t kContainersMax = 64;

// (slot, epoch) -> next byte of stdout and of stderr.
using Cursor = std::map<std::pair<std::uint32_t, placement::Epoch>, std::array<std::uint64_t, 2>>;

[[nodiscard]] std::string encode_cursor(const Cursor& cursor);
[[nodiscard]] Result<Cursor> decode_cursor(std::string_view text);

}  // namespace shoal::host::logs
