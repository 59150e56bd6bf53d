// Small private files: read with their permissions checked, written so that a crash leaves either
// the old or the new one.
#pragma once

#include "node/base/bytes.h"
#include "node/base/result.h"

#include <cstddef>
#include <string>
#include <sys/types.h>

namespace shoal::host {

// Who may have made a file, and who may read it; a value, so that the rule is a table in the tests.
struct FileFacts {
    mode_t mode = 0;  // permission bits only
    uid_t owner = 0;
    bool directory = false;
};

// Refuses anything wider than 0700 (directory) or 0600 (file), or owned by another than `self`;
// says what was found and the command that puts it right.
[[nodiscard]] Result<void> check_private(const std::string& path, const FileFacts& facts,
                                         uid_t self);

struct SmallFile {
    std::string text{};
    mode_t mode = 0;
};

// "-" is standard input. A file over `limit` bytes is refused.
[[nodiscard]] Result<SmallFile> read_small_file(const std::string& path, std::size_t limit);

// Like read_small_file, but not through a symbolic link and only if check_private allows.
[[nodiscard]] Result<std::string> read_private_file(const std::string& path, std::size_t limit);

// Mode 0600: a temporary file beside it, synced, renamed over it, the directory synced.
[[nodiscard]] Result<void> write_private_file(const std::string& path, ByteView content);

[[nodiscard]] Result<void> sync_directory(const std::string& path);

[[nodiscard]] bool exists(const std::string& path);

// "0644".
[[nodiscard]] std::string mode_text(mode_t mode);

// "reading /x: Permission denied", from errno.
[[nodiscard]] Error io_error(const std::string& doing, const std::string& path);

}  // namespace shoal::host
