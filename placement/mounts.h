// What a container finds at some of its paths instead of its image's files: volumes, which outlive
// it and bind its slot to the node that holds them; folders of the host; memory.
//
// A volume is one directory of one node. Replica i of a job has the volume `name.i` for its own;
// one that several services share is `name.0` for all of them, who then live on one node together.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/result.h"
#include "node/base/time.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace shoal::placement {

enum class MountKind : std::uint8_t { Volume = 0, Bind = 1, Tmpfs = 2 };

[[nodiscard]] constexpr bool valid(MountKind kind) {
    return kind <= MountKind::Tmpfs;
}

struct Mount {
    MountKind kind = MountKind::Volume;
    std::string source{};  // a volume's name, or a path of the host; of memory: nothing
    std::string target{};  // in the container
    bool read_only = false;
    bool shared = false;           // a volume: one for all replicas of all who name it
    bool external = false;         // a volume: must be there already
    bool copy = true;              // a volume: what the image has there is its first content
    std::uint64_t size_bytes = 0;  // of memory; 0: up to half of the host's
    std::uint32_t mode = 0;        // of memory; 0: 1777
    friend bool operator==(const Mount&, const Mount&) = default;
};

auto fields(Is<Mount> auto& v) {
    return std::tie(v.kind, v.source, v.target, v.read_only, v.shared, v.external, v.copy,
                    v.size_bytes, v.mode);
}

inline constexpr std::size_t kMountsMax = 64;
inline constexpr std::size_t kMountPathMax = 512;

// Empty: fine; else what is wrong with the mounts of one container and what would be right.
[[nodiscard]] std::string fault_of(const std::vector<Mount>& mounts);

[[nodiscard]] std::size_t text_size(const std::vector<Mount>& mounts);

// An absolute path without "." and "..": what may be mounted on, or bound.
[[nodiscard]] bool is_plain_path(std::string_view path);

// The first folder of the host that is not one of those allowed, nor below one; empty: none.
[[nodiscard]] std::string forbidden_bind(const std::vector<Mount>& mounts,
                                         const std::vector<std::string>& allowed);

// ---- volumes

struct VolumeId {
    std::string name{};
    std::uint32_t index = 0;
    friend auto operator<=>(const VolumeId&, const VolumeId&) = default;
};

auto fields(Is<VolumeId> auto& v) {
    return std::tie(v.name, v.index);
}

// 1 to 128 letters, digits, '_', '.' and '-', beginning with a letter or digit: safe as a folder.
[[nodiscard]] bool is_volume_name(std::string_view name);

// "shop_data.0"
[[nodiscard]] std::string to_string(const VolumeId& id);

// The word of a node that it holds a volume, in its origin log and in its ledger under
// "volume/<name>/<index>". Who holds the directory is the only one that writes it.
struct VolumeRecord {
    std::uint64_t version = 1;  // above all others known when it was made
    bool used = false;          // something has run with it: there may be data in it
    WallTime since{};
    friend bool operator==(const VolumeRecord&, const VolumeRecord&) = default;
};

auto fields(Is<VolumeRecord> auto& v) {
    return std::tie(v.version, v.used, v.since);
}

inline constexpr std::uint64_t kVersionMax = std::uint64_t{1} << 62U;

[[nodiscard]] std::string volume_key(const VolumeId& id);
[[nodiscard]] std::optional<VolumeId> parse_volume_key(std::string_view key);
[[nodiscard]] Bytes encode_volume(const VolumeRecord& record);
[[nodiscard]] Result<VolumeRecord> decode_volume(ByteView bytes);

// Two may hold a volume after a partition, or where one was given up for lost: everybody takes the
// same one for its holder.
[[nodiscard]] bool holds_before(const NodeId& a, const VolumeRecord& of_a, const NodeId& b,
                                const VolumeRecord& of_b);

// The volumes of replica `index` of a container with these mounts, each once.
[[nodiscard]] std::vector<VolumeId> volumes_of(const std::vector<Mount>& mounts,
                                               std::uint32_t index);

}  // namespace shoal::placement
