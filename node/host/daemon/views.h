// What a node knows of jobs and values, as the JSON of docs/api.md. Reads the agent, changes
// nothing.
#pragma once

#include "node/agent/agent.h"
#include "node/host/daemon/node_views.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace shoal::host {

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
