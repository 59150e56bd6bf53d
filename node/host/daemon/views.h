// What a node knows, as the JSON of docs/api.md. Reads the agent, changes nothing.
#pragma once

#include "node/agent/agent.h"
#include "node/base/result.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace shoal::host {

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
// jobs, replicas_wanted, replicas_healthy
void add_totals(const agent::Agent& agent, nlohmann::json& status);

[[nodiscard]] nlohmann::json view_jobs(const agent::Agent& agent);
// Every slot of every job, as in view_job, with the job's name.
[[nodiscard]] nlohmann::json view_slots(const agent::Agent& agent);
// Nothing: there is no such job.
[[nodiscard]] std::optional<nlohmann::json> view_job(const agent::Agent& agent,
                                                     const std::string& name);
[[nodiscard]] std::optional<nlohmann::json> view_explain(const agent::Agent& agent, Instant now,
                                                         const std::string& name);

[[nodiscard]] nlohmann::json view_values(const agent::Agent& agent, const std::string& prefix);
[[nodiscard]] std::optional<nlohmann::json> view_value(const agent::Agent& agent,
                                                       const std::string& key);

// "2026-01-31T10:00:00.000Z"
[[nodiscard]] std::string show_time(WallTime time);

}  // namespace shoal::host
