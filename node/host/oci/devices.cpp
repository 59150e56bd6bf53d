#include "node/host/oci/devices.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>

namespace shoal::host::oci {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDevicesMax = 4096;
constexpr auto kOwn = std::to_array<std::string_view>({"console", "mqueue", "pts", "shm"});

bool is_containers_own(const fs::path& path) {
    const auto name = path.filename().string();
    return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

}  // namespace

std::vector<Device> host_devices(const std::string& root) {
    std::vector<Device> out;
    std::error_code error;
    fs::recursive_directory_iterator at{root, fs::directory_options::skip_permission_denied, error};
    for (; !error && at != fs::recursive_directory_iterator{} && out.size() < kDevicesMax;
         at.increment(error)) {
        if (at.depth() == 0 && is_containers_own(at->path())) {
            at.disable_recursion_pending();
            continue;
        }

        struct stat about {};

        const auto path = at->path().string();
        if (::lstat(path.c_str(), &about) != 0) continue;
        if (!S_ISCHR(about.st_mode) && !S_ISBLK(about.st_mode)) continue;
        out.push_back({.path = path,
                       .block = S_ISBLK(about.st_mode),
                       .major = major(about.st_rdev),
                       .minor = minor(about.st_rdev),
                       .mode = about.st_mode & 07777U,
                       .uid = about.st_uid,
                       .gid = about.st_gid});
    }
    std::sort(out.begin(), out.end(),
              [](const Device& a, const Device& b) { return a.path < b.path; });
    return out;
}

}  // namespace shoal::host::oci
