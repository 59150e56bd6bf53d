#include "node/host/volumes/directories.h"

#include "node/api/quantities.h"
#include "node/host/identity/files.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace shoal::host::volumes {
namespace {

namespace fs = std::filesystem;
using placement::VolumeId;

constexpr const char* kHalf = ".new-";
constexpr const char* kGone = ".gone-";
constexpr std::size_t kFilesMeasured = 20'000;
constexpr std::uint64_t kBlock = 512;  // of stat, whatever the file system has

std::string folder_of(const std::string& root, const VolumeId& id) {
    return root + "/" + id.name;
}

std::string half_of(const std::string& root, const VolumeId& id) {
    return folder_of(root, id) + "/" + kHalf + std::to_string(id.index);
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        out.push_back(at->path().filename().string());
    }
    return out;
}

// Renaming it was what counted. What is left after a crash is seen by the next list().
void empty_in_the_background(std::string path) {
    std::thread{[path = std::move(path)] {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }}.detach();
}

std::string aside(const std::string& root) {
    static std::atomic<std::uint64_t> count{0};
    return root + "/" + kGone + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

Error failure(const std::string& doing, const std::string& path, const std::error_code& error) {
    const bool full = error == std::errc::no_space_on_device;
    return {full ? Errc::Full : Errc::Io, doing + " " + path + ": " + error.message()};
}

}  // namespace

std::string path_of(const std::string& root, const VolumeId& id) {
    return folder_of(root, id) + "/" + std::to_string(id.index);
}

bool is_there(const std::string& root, const VolumeId& id) {
    std::error_code ignored;
    return fs::is_directory(path_of(root, id), ignored);
}

std::vector<VolumeId> list(const std::string& root) {
    std::vector<VolumeId> out;
    for (const auto& name : names_in(root)) {
        const auto folder = root + "/" + name;
        if (name.starts_with(kGone)) empty_in_the_background(folder);
        if (!placement::is_volume_name(name)) continue;
        for (const auto& index : names_in(folder)) {
            if (index.starts_with(kHalf)) empty_in_the_background(folder + "/" + index);
            const auto number = api::parse_number<std::uint32_t>(index);
            const VolumeId id{name, number.value_or(0)};
            if (number && std::to_string(*number) == index && is_there(root, id)) out.push_back(id);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> make(const std::string& root, const VolumeId& id, const Fill& fill) {
    if (is_there(root, id)) return {};
    const auto half = half_of(root, id);
    std::error_code error;
    fs::remove_all(half, error);
    fs::create_directories(folder_of(root, id), error);
    if (error) return fail(failure("making", folder_of(root, id), error));
    // Whatever the umask: the container's users have to get in.
    if (::mkdir(half.c_str(), 0755) != 0 || ::chmod(half.c_str(), 0755) != 0) {
        return fail(io_error("making", half));
    }
    if (fill) {
        if (auto filled = fill(half); !filled) return filled;
    }
    fs::rename(half, path_of(root, id), error);
    if (error) return fail(failure("making", path_of(root, id), error));
    return sync_directory(folder_of(root, id));
}

Result<void> remove(const std::string& root, const VolumeId& id) {
    if (!is_there(root, id)) return {};
    const auto gone = aside(root);
    std::error_code error;
    fs::rename(path_of(root, id), gone, error);
    if (error) return fail(failure("removing", path_of(root, id), error));
    fs::remove(folder_of(root, id), error);  // If that was the last one in it.
    empty_in_the_background(gone);
    return {};
}

Size size_of(const std::string& root, const VolumeId& id) {
    Size out;
    std::size_t files = 0;
    std::error_code error;
    fs::recursive_directory_iterator at{path_of(root, id),
                                        fs::directory_options::skip_permission_denied, error};
    for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
        if (++files > kFilesMeasured) {
            out.whole = false;
            break;
        }

        struct stat facts {};

        if (::lstat(at->path().c_str(), &facts) != 0) continue;
        out.bytes += static_cast<std::uint64_t>(facts.st_blocks) * kBlock;
    }
    return out;
}

}  // namespace shoal::host::volumes
