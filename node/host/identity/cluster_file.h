// cluster.yaml: which cluster a data directory belongs to. A few `word: value` lines, so that a
// person can read it; written and read by this file alone.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"

#include <string>
#include <string_view>

namespace shoal::host {

struct ClusterFile {
    unsigned format = 1;
    std::string needs{};  // the oldest shoal that reads this format
    ClusterId cluster{};
    std::string name{};
};

[[nodiscard]] std::string write_cluster_file(const ClusterFile& file);

// Refused: a format newer than `newest`, naming the version of shoal it needs. `path` is for the
// messages.
[[nodiscard]] Result<ClusterFile> read_cluster_file(std::string_view text, unsigned newest,
                                                    const std::string& path);

}  // namespace shoal::host
