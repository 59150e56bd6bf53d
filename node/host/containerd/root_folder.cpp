#include "node/host/containerd/root_folder.h"

#include "node/host/containerd/root_files.h"
#include "node/host/identity/files.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;

using Facts = struct stat;

std::optional<Facts> facts_of(const fs::path& path) {
    Facts out{};
    if (::lstat(path.c_str(), &out) != 0) return std::nullopt;
    return out;
}

// None of its parts may be a symbolic link: an image must not make us read the host's files.
std::optional<fs::path> folder_in(const std::string& layer, const std::string& path) {
    fs::path at{layer};
    for (const auto& part : fs::path{path}.relative_path()) {
        if (part.empty()) continue;
        at /= part;
        const auto facts = facts_of(at);
        if (!facts || !S_ISDIR(facts->st_mode)) return std::nullopt;
    }
    return at;
}

// What a layer has in the place of something of those below that is gone.
bool is_whiteout(const Facts& facts) {
    return S_ISCHR(facts.st_mode) && facts.st_rdev == makedev(0, 0);
}

// A layer's folder that hides those below instead of adding to them.
bool is_opaque(const fs::path& folder) {
    std::array<char, 2> value{};
    const auto got =
        ::lgetxattr(folder.c_str(), "trusted.overlay.opaque", value.data(), value.size());
    return got == 1 && value[0] == 'y';
}

Result<void> failed(const fs::path& path, const std::error_code& error) {
    const bool full = error == std::errc::no_space_on_device;
    return fail(full ? Errc::Full : Errc::Io,
                "copying the image's " + path.string() + ": " + error.message());
}

Result<void> take_over(const Facts& facts, const fs::path& to) {
    if (::lchown(to.c_str(), facts.st_uid, facts.st_gid) != 0) {
        return fail(io_error("giving away", to));
    }
    if (S_ISLNK(facts.st_mode)) return {};
    if (::chmod(to.c_str(), facts.st_mode & 07777U) != 0) return fail(io_error("changing", to));
    const std::array<timespec, 2> times{facts.st_atim, facts.st_mtim};
    (void)::utimensat(AT_FDCWD, to.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
    return {};
}

Result<void> copy_folder(const fs::path& from, const fs::path& to);

Result<void> copy_entry(const fs::path& from, const fs::path& to) {
    const auto facts = facts_of(from);
    if (!facts) return fail(io_error("reading", from));
    std::error_code error;
    const auto there = facts_of(to);
    const bool both_folders = there && S_ISDIR(there->st_mode) && S_ISDIR(facts->st_mode);
    if (there && !both_folders) fs::remove_all(to, error);
    if (is_whiteout(*facts)) return {};
    if (S_ISDIR(facts->st_mode)) {
        if (!both_folders) fs::create_directory(to, error);
        return error ? failed(from, error) : copy_folder(from, to);
    }
    if (S_ISREG(facts->st_mode)) {
        fs::copy_file(from, to, error);
    } else if (S_ISLNK(facts->st_mode)) {
        fs::copy_symlink(from, to, error);
    } else {
        return {};  // Sockets, pipes and devices are made by programs that run.
    }
    return error ? failed(from, error) : take_over(*facts, to);
}

Result<void> copy_folder(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (is_opaque(from)) {
        for (const auto& entry : fs::directory_iterator{to, error}) {
            fs::remove_all(entry.path(), error);
        }
    }
    std::vector<fs::path> names;
    for (fs::directory_iterator at{from, error}, end; !error && at != end; at.increment(error)) {
        names.push_back(at->path().filename());
    }
    if (error) return failed(from, error);
    for (const auto& name : names) {
        if (auto copied = copy_entry(from / name, to / name); !copied) return copied;
    }
    const auto facts = facts_of(from);
    return facts ? take_over(*facts, to) : Result<void>{};
}

}  // namespace

Result<void> copy_root_folder(const Mounts& mounts, const std::string& path,
                              const std::string& into) {
    auto layers = layers_of(mounts);
    std::reverse(layers.begin(), layers.end());  // The lowest first: those above win.
    for (const auto& layer : layers) {
        const auto folder = folder_in(layer, path);
        if (!folder) continue;
        if (auto copied = copy_folder(*folder, into); !copied) return copied;
    }
    return {};
}

}  // namespace shoal::host::ctrd
