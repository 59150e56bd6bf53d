// Where the replicas of a service may run and would best: "deploy.placement", as the API has it.
#pragma once

#include "node/compose/reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::compose {

struct Placement {
    std::vector<std::string> constraints{};  // "node.labels.disk == ssd"
    std::uint32_t per_node_max = 0;          // 0: no limit
    std::vector<std::string> spread{};       // attributes of nodes, the first counting most
};

Placement read_placement(const Value& placement, Problems& problems);

}  // namespace shoal::compose
