// What a service mounts: its `volumes`, with what the file declares of them.
#pragma once

#include "node/compose/files.h"
#include "node/compose/findings.h"
#include "node/compose/reading.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace shoal::compose {

struct Mount {
    std::string type{};    // "volume", "bind" or "tmpfs", as the API has them
    std::string source{};  // of a volume its name in the cluster
    std::string target{};
    bool read_only = false;
    bool shared = false;
    bool external = false;
    bool copy = true;
    std::uint64_t size = 0;
    std::uint32_t mode = 0;
};

// Where a service stands, for what has to be looked up.
struct MountPlace {
    std::string project{};
    std::string service{};
    const Value& root;  // the whole file
    const FileReader& read;
};

struct Mounts {
    std::vector<Mount> mounts{};
    std::vector<File> files{};       // of this machine, handed over as they are now
    std::vector<Finding> refused{};  // by what they say, not by their key
};

[[nodiscard]] Mounts read_mounts(const Value& service, const MountPlace& place, Problems& problems);

}  // namespace shoal::compose
