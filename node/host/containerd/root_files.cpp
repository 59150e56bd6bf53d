#include "node/host/containerd/root_files.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace shoal::host::ctrd {
namespace {

constexpr std::size_t kFileMax = 1U << 20U;

std::optional<std::string> read_regular(int file) {
    struct stat facts {};

    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
    std::string out(kFileMax, '\0');
    std::size_t filled = 0;
    while (filled < out.size()) {
        const auto got = ::read(file, out.data() + filled, out.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    out.resize(filled);
    return out;
}

// One component at a time, so that none of them can be a symbolic link.
std::optional<std::string> read_below(const std::string& root, const std::string& path) {
    int at = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::filesystem::path relative{path};
    for (auto part = relative.begin(); part != relative.end() && at >= 0; ++part) {
        const bool last = std::next(part) == relative.end();
        const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (last ? 0 : O_DIRECTORY);
        const int next = ::openat(at, part->c_str(), flags);
        ::close(at);
        at = next;
    }
    if (at < 0) return std::nullopt;
    auto out = read_regular(at);
    ::close(at);
    return out;
}

}  // namespace

std::vector<std::string> layers_of(const Mounts& mounts) {
    constexpr std::string_view kLower = "lowerdir=";
    std::vector<std::string> out;
    for (const Mount& mount : mounts) {
        if (mount.type == "bind") out.push_back(mount.source);
        for (const std::string_view option : mount.options) {
            if (!option.starts_with(kLower)) continue;
            auto rest = option.substr(kLower.size());
            while (!rest.empty()) {
                const auto end = rest.find(':');
                out.emplace_back(rest.substr(0, end));
                rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
            }
        }
    }
    return out;
}

std::string read_root_file(const Mounts& mounts, const std::string& path) {
    for (const auto& layer : layers_of(mounts)) {
        if (auto text = read_below(layer, path)) return std::move(*text);
    }
    return "";
}

}  // namespace shoal::host::ctrd
