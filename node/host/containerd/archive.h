// A tar file, compressed or not, read once from front to end. The only includer of libarchive.
#pragma once

#include "node/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace shoal::host::ctrd {

class Archive {
public:
    struct Entry {
        std::string path{};  // without a leading "./"
        std::int64_t size = 0;
        std::string links_to{};  // of a symbolic or hard link, as written; no content then
    };

    static Result<Archive> open(const std::string& path);
    ~Archive();
    Archive(Archive&&) noexcept;
    Archive& operator=(Archive&&) = delete;
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;

    // The next file or link; nothing at the end. Directories and devices are passed over.
    [[nodiscard]] Result<std::optional<Entry>> next();
    // Content of the entry at hand; 0 at its end.
    [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size);

private:
    struct Held;
    explicit Archive(std::unique_ptr<Held> held);
    std::unique_ptr<Held> held_;
};

}  // namespace shoal::host::ctrd
