// Lines out of a log stream, forwards from an offset, or where the last ones begin.
#pragma once

#include "node/host/logs/log_stream.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::logs {

// A longer line comes in pieces.
inline constexpr std::size_t kLineMax = 16U << 10U;

struct Piece {
    std::string text{};       // bytes as they are, without the line feed
    std::uint64_t begin = 0;  // of its first byte
    std::uint64_t next = 0;   // of the first behind it
    bool ends_line = false;   // a line feed followed
};

enum class Unfinished : std::uint8_t {
    Left,   // a last line without a line feed may go on: not given out
    Given,  // nobody goes on with it
};

class LineReader {
public:
    // `stream` must outlive it.
    LineReader(const LogStream& stream, std::uint64_t from, Unfinished unfinished)
        : stream_(&stream), at_(from), unfinished_(unfinished) {}

    // Pieces put together, each with the line feed it had, are exactly the bytes of the stream.
    [[nodiscard]] std::optional<Piece> next();

private:
    const LogStream* stream_;
    std::uint64_t at_;
    Unfinished unfinished_;
    std::string buffer_{};  // what begins at `at_`, from used_ on
    std::size_t used_ = 0;
};

// Where the last `count` lines begin, in order; fewer if there are fewer, or if they would reach
// further back than kTailBytesMax.
inline constexpr std::uint64_t kTailBytesMax = 8U << 20U;
[[nodiscard]] std::vector<std::uint64_t> last_lines(const LogStream& stream, std::size_t count);

// The beginning of the line that begins at or behind `offset`.
[[nodiscard]] std::uint64_t line_from(const LogStream& stream, std::uint64_t offset);

}  // namespace shoal::host::logs
