#include "placement/mounts.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace shoal::placement {
namespace {

constexpr std::string_view kPrefix = "volume/";
constexpr std::size_t kNameMax = 128;
constexpr std::uint32_t kModeMax = 07777;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string fault_of(const Mount& mount) {
    const auto where = "mounts: '" + mount.target.substr(0, 64) + "': ";
    if (!is_plain_path(mount.target) || mount.target == "/") {
        return where + "a target is an absolute path below /, without '.' and '..'";
    }
    switch (mount.kind) {
        case MountKind::Volume:
            if (is_volume_name(mount.source)) return {};
            return where + "the source of a volume is its name: 1 to 128 letters, digits, '_', " +
                   "'.' and '-', beginning with a letter or digit";
        case MountKind::Bind:
            if (is_plain_path(mount.source)) return {};
            return where + "the source of a bind is an absolute path, without '.' and '..'";
        case MountKind::Tmpfs:
            if (!mount.source.empty()) return where + "memory has no source";
            return mount.mode <= kModeMax ? std::string{} : where + "a mode is 0 to 7777, octal";
    }
    return {};
}

}  // namespace

bool is_plain_path(std::string_view path) {
    if (!path.starts_with('/') || path.size() > kMountPathMax) return false;
    if (path.find('\0') != std::string_view::npos) return false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto part = path.substr(0, path.find('/'));
        if (part == "." || part == "..") return false;
        path.remove_prefix(part.size());
    }
    return true;
}

std::string fault_of(const std::vector<Mount>& mounts) {
    if (mounts.size() > kMountsMax) return "mounts: more than 64";
    std::set<std::string> targets;
    for (const Mount& mount : mounts) {
        auto fault = fault_of(mount);
        if (!fault.empty()) return fault;
        if (!targets.insert(mount.target).second) {
            return "mounts: '" + mount.target + "' is mounted on twice";
        }
    }
    return {};
}

std::size_t text_size(const std::vector<Mount>& mounts) {
    std::size_t out = 0;
    for (const Mount& mount : mounts) {
        out += mount.source.size() + mount.target.size();
    }
    return out;
}

std::string forbidden_bind(const std::vector<Mount>& mounts,
                           const std::vector<std::string>& allowed) {
    for (const Mount& mount : mounts) {
        if (mount.kind != MountKind::Bind) continue;
        const bool good = std::any_of(allowed.begin(), allowed.end(), [&](const auto& folder) {
            return folder == "/" || mount.source == folder ||
                   mount.source.starts_with(folder + "/");
        });
        if (!good) return mount.source;
    }
    return {};
}

bool is_volume_name(std::string_view name) {
    if (name.empty() || name.size() > kNameMax || !is_alphanumeric(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
    });
}

std::string to_string(const VolumeId& id) {
    return id.name + "." + std::to_string(id.index);
}

std::string volume_key(const VolumeId& id) {
    return std::string{kPrefix} + id.name + "/" + std::to_string(id.index);
}

std::optional<VolumeId> parse_volume_key(std::string_view key) {
    if (!key.starts_with(kPrefix)) return std::nullopt;
    const auto slash = key.rfind('/');
    if (slash < kPrefix.size()) return std::nullopt;
    VolumeId out{std::string{key.substr(kPrefix.size(), slash - kPrefix.size())}, 0};
    const auto digits = key.substr(slash + 1);
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out.index);
    if (error != std::errc{} || stop != end || !is_volume_name(out.name)) return std::nullopt;
    // Written in one way only ("007" is not), or two keys would speak of one volume.
    if (volume_key(out) != key) return std::nullopt;
    return out;
}

bool holds_before(const NodeId& a, const VolumeRecord& of_a, const NodeId& b,
                  const VolumeRecord& of_b) {
    if (of_a.used != of_b.used) return of_a.used;
    if (of_a.version != of_b.version) return of_a.version > of_b.version;
    return a < b;
}

std::vector<VolumeId> volumes_of(const std::vector<Mount>& mounts, std::uint32_t index) {
    std::set<VolumeId> out;
    for (const Mount& mount : mounts) {
        if (mount.kind == MountKind::Volume) out.insert({mount.source, mount.shared ? 0 : index});
    }
    return {out.begin(), out.end()};
}

}  // namespace shoal::placement
