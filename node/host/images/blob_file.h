// A file that grows at its end, and the digest of all that is in it.
#pragma once

#include "node/base/result.h"

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace shoal::host::images {

class BlobFile {
public:
    // Makes it, or goes on with what is there. Readable by the agent's user alone.
    static Result<BlobFile> open(const std::string& path);
    ~BlobFile();
    BlobFile(BlobFile&& other) noexcept;
    BlobFile& operator=(BlobFile&&) = delete;
    BlobFile(const BlobFile&) = delete;
    BlobFile& operator=(const BlobFile&) = delete;

    [[nodiscard]] std::uint64_t size() const { return size_; }

    // Takes up to so many bytes of the content into the digest; false: there are no more.
    [[nodiscard]] Result<bool> hash_some(std::size_t bytes);
    // All content must have been hashed. Full: no space left; the file is as it was.
    [[nodiscard]] Result<void> append(std::string_view bytes);
    // Throws all of it away.
    [[nodiscard]] Result<void> restart();

    // "sha256:..." of what was hashed.
    [[nodiscard]] std::string digest() const;

private:
    BlobFile(int file, std::string path, std::uint64_t size);

    int file_;
    std::string path_;
    std::uint64_t size_;
    std::uint64_t hashed_ = 0;
    crypto_hash_sha256_state hash_{};
};

}  // namespace shoal::host::images
