// One output of one container: the file its shim appends to, and one older generation of it.
//
// Bytes are counted from the very beginning of the stream, whatever has been dropped since, so an
// offset means the same byte for ever. What was dropped stands in the name of the older generation:
// "stdout.1000" holds the bytes from 1000 on, and "stdout" those behind it.
//
// The shim never opens its file again, so a generation is made by copying and truncating. What a
// program writes between the two, in some microseconds once in 16 MiB, is lost and not counted.
#pragma once

#include "node/host/logs/descriptor.h"
#include "node/host/logs/time_index.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::logs {

class LogStream {
public:
    // As the files are now; a file that is not there is an empty stream. Changes nothing.
    explicit LogStream(std::string path);

    // Completes what a crash cut short, and notes how much there is by now.
    void note();
    // The same, and over `generation_max` begins a new generation. A full disk costs output, first
    // the older generation, never more.
    void tend(std::uint64_t generation_max);

    [[nodiscard]] std::uint64_t begin() const { return older_ ? older_->begin : 0; }

    [[nodiscard]] std::uint64_t end() const { return current_begin_ + current_size_; }

    // Of the last output, ms since 1970; 0 if there is no file.
    [[nodiscard]] std::int64_t written_ms() const { return written_ms_; }

    // When the byte at `offset` came.
    [[nodiscard]] std::int64_t time_of(std::uint64_t offset) const;
    // Where the output since `ms` begins, as far as is known.
    [[nodiscard]] std::uint64_t offset_since(std::int64_t ms) const;

    // Up to `size` bytes from `offset` on; fewer at the border of a generation, none at the end.
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const;

private:
    struct Generation {
        std::string path{};
        std::uint64_t begin = 0;
        std::uint64_t size = 0;
    };

    void look();
    [[nodiscard]] std::vector<Generation> generations(std::string_view ending) const;
    void finish_rotation();
    void notice_truncation();
    void rotate(std::uint64_t generation_max);
    [[nodiscard]] bool copy_from(std::uint64_t from, const std::string& path) const;
    // The copy `path` begins at `begin` and takes the place of what it copied.
    void replace_by(const std::string& path, std::uint64_t begin);
    [[nodiscard]] bool make_empty(const std::string& path) const;
    [[nodiscard]] bool still_has(const Generation& copy) const;
    [[nodiscard]] std::string name(std::uint64_t begin) const;

    std::string path_;
    TimeIndex times_;
    std::optional<Generation> older_{};
    Descriptor older_file_{};
    Descriptor current_{};
    std::uint64_t current_begin_ = 0;
    std::uint64_t current_size_ = 0;
    std::int64_t written_ms_ = 0;
};

}  // namespace shoal::host::logs
