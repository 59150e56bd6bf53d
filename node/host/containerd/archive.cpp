#include "node/host/containerd/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <utility>

namespace shoal::host::ctrd {
namespace {

constexpr std::size_t kBlock = 1U << 20U;

}  // namespace

struct Archive::Held {
    struct archive* reader = archive_read_new();
    std::string path{};

    Held() = default;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    Held(Held&&) = delete;
    Held& operator=(Held&&) = delete;

    ~Held() { archive_read_free(reader); }

    [[nodiscard]] Error error() const {
        const char* text = archive_error_string(reader);
        return {Errc::Malformed, path + ": " + (text == nullptr ? "not an archive" : text)};
    }
};

Archive::Archive(std::unique_ptr<Held> held) : held_(std::move(held)) {}

Archive::~Archive() = default;
Archive::Archive(Archive&&) noexcept = default;

Result<Archive> Archive::open(const std::string& path) {
    auto held = std::make_unique<Held>();
    held->path = path;
    archive_read_support_format_tar(held->reader);
    archive_read_support_filter_gzip(held->reader);
    archive_read_support_filter_zstd(held->reader);
    archive_read_support_filter_xz(held->reader);
    if (archive_read_open_filename(held->reader, path.c_str(), kBlock) != ARCHIVE_OK) {
        return fail(held->error());
    }
    return Archive{std::move(held)};
}

Result<std::optional<Archive::Entry>> Archive::next() {
    for (;;) {
        archive_entry* entry = nullptr;
        const int outcome = archive_read_next_header(held_->reader, &entry);
        if (outcome == ARCHIVE_EOF) return std::optional<Entry>{};
        if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return fail(held_->error());
        const char* path = archive_entry_pathname(entry);
        if (path == nullptr)
            return fail(Errc::Malformed, held_->path + ": an entry without a name");
        Entry out{.path = path};
        if (out.path.starts_with("./")) out.path.erase(0, 2);
        const char* hard = archive_entry_hardlink(entry);
        const char* soft = archive_entry_symlink(entry);
        if (hard != nullptr || soft != nullptr) {
            out.links_to = hard != nullptr ? hard : soft;
            return std::optional{std::move(out)};
        }
        if (archive_entry_filetype(entry) != AE_IFREG) continue;
        out.size = archive_entry_size(entry);
        return std::optional{std::move(out)};
    }
}

Result<std::size_t> Archive::read(char* into, std::size_t size) {
    const auto got = archive_read_data(held_->reader, into, size);
    if (got < 0) return fail(held_->error());
    return static_cast<std::size_t>(got);
}

}  // namespace shoal::host::ctrd
