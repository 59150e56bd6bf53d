// The directories that volumes are. No state: what is on the disk is what there is.
#pragma once

#include "node/base/result.h"
#include "placement/mounts.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace shoal::host::volumes {

[[nodiscard]] std::string path_of(const std::string& root, const placement::VolumeId& id);

[[nodiscard]] bool is_there(const std::string& root, const placement::VolumeId& id);

// In order; takes away what was left of half-made and half-removed ones.
[[nodiscard]] std::vector<placement::VolumeId> list(const std::string& root);

// Puts the first content into an empty folder.
using Fill = std::function<Result<void>(const std::string& folder)>;

// There already: left as it is.
[[nodiscard]] Result<void> make(const std::string& root, const placement::VolumeId& id,
                                const Fill& fill);

// Gone from its place at once; what was in it goes in the background.
[[nodiscard]] Result<void> remove(const std::string& root, const placement::VolumeId& id);

struct Size {
    std::uint64_t bytes = 0;
    bool whole = true;  // false: there are more files than were looked at
};

// On disk. Looks at so many files at most, since it is asked in passing.
[[nodiscard]] Size size_of(const std::string& root, const placement::VolumeId& id);

}  // namespace shoal::host::volumes
