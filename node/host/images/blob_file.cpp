#include "node/host/images/blob_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shoal::host::images {
namespace {

Error failed(const std::string& path, int error) {
    return {error == ENOSPC || error == EDQUOT ? Errc::Full : Errc::Io,
            path + ": " + std::strerror(error)};
}

}  // namespace

Result<BlobFile> BlobFile::open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return fail(failed(path, errno));

    struct stat facts {};

    if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        ::close(file);
        return fail(Errc::Io, path + ": not a plain file");
    }
    return BlobFile{file, path, static_cast<std::uint64_t>(facts.st_size)};
}

BlobFile::BlobFile(int file, std::string path, std::uint64_t size)
    : file_(file), path_(std::move(path)), size_(size) {
    crypto_hash_sha256_init(&hash_);
}

BlobFile::BlobFile(BlobFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      size_(other.size_),
      hashed_(other.hashed_),
      hash_(other.hash_) {}

BlobFile::~BlobFile() {
    if (file_ >= 0) ::close(file_);
}

Result<bool> BlobFile::hash_some(std::size_t bytes) {
    if (hashed_ >= size_) return false;
    std::vector<unsigned char> piece(bytes);
    const auto got = ::pread(file_, piece.data(), piece.size(), static_cast<off_t>(hashed_));
    if (got < 0) return fail(failed(path_, errno));
    if (got == 0) return fail(Errc::Io, path_ + ": became shorter");
    crypto_hash_sha256_update(&hash_, piece.data(), static_cast<std::size_t>(got));
    hashed_ += static_cast<std::uint64_t>(got);
    return hashed_ < size_;
}

Result<void> BlobFile::append(std::string_view bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto put = ::pwrite(file_, bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(size_ + done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            const int error = put < 0 ? errno : ENOSPC;
            (void)::ftruncate(file_, static_cast<off_t>(size_));  // Its tail was never hashed.
            return fail(failed(path_, error));
        }
        done += static_cast<std::size_t>(put);
    }
    crypto_hash_sha256_update(&hash_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
    size_ += bytes.size();
    hashed_ = size_;
    return {};
}

Result<void> BlobFile::restart() {
    if (::ftruncate(file_, 0) != 0) return fail(failed(path_, errno));
    size_ = 0;
    hashed_ = 0;
    crypto_hash_sha256_init(&hash_);
    return {};
}

std::string BlobFile::digest() const {
    auto copy = hash_;
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&copy, digest.data());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    return std::string{"sha256:"} + hex.data();
}

}  // namespace shoal::host::images
