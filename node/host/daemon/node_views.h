// The nodes of the cluster as one of them sees them: their names, and the JSON of docs/api.md.
#pragma once

#include "node/agent/agent.h"
#include "node/base/result.h"
#include "node/base/standing.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host {

// Unreachable, for a node nobody here knows.
[[nodiscard]] Standing standing_of(const agent::Agent& agent, const NodeId& node);

// What people call a node: its name, told apart by a piece of its id where two share one; the
// short id while its facts have not come.
[[nodiscard]] std::string display_name(const agent::Agent& agent, const NodeId& node);

// One sentence for each name that several nodes in sight bear.
[[nodiscard]] std::vector<std::string> name_clashes(const agent::Agent& agent);

// By display name, plain name if only one has it, whole id, or a prefix of at least 4 digits.
// NotFound, or Conflict if several fit; both name what there is.
[[nodiscard]] Result<NodeId> find_node(const agent::Agent& agent, const std::string& name);

[[nodiscard]] nlohmann::json view_nodes(const agent::Agent& agent);
[[nodiscard]] nlohmann::json view_node(const agent::Agent& agent, const NodeId& node);

// Counts by standing, for status.
[[nodiscard]] nlohmann::json view_standings(const agent::Agent& agent);

}  // namespace shoal::host
