// Which slots of a job should run.
//
// A job has the slots 0 to replicas-1, and any node may have any of them. A global one has a slot
// for each node, which that node alone may have: its number comes from the node, so nobody has to
// agree on it, and nodes that come and go leave the others' slots alone.
#pragma once

#include "node/base/id.h"
#include "placement/job.h"
#include "placement/view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::placement {

struct WantedSlot {
    std::uint32_t index = 0;
    std::optional<NodeId> node{};  // of a global job: whose it is
};

// Of a global job: those of nodes that are there and could run it, by their names.
[[nodiscard]] std::vector<WantedSlot> wanted_slots(const View& view, const JobSpec& spec);

// True if the node may have that slot as far as the job says.
[[nodiscard]] bool may_have(const JobSpec& spec, std::uint32_t index, const NodeId& node);

// "web.2"; of a global job "logs on b".
[[nodiscard]] std::string shown(const View& view, const JobSpec& spec, std::uint32_t index);

// True if the node is one of those a job is for: they hold all its constraints.
[[nodiscard]] bool is_meant(const JobSpec& spec, const NodeFacts& facts);

}  // namespace shoal::placement
