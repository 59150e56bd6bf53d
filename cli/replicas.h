// Replicas as a table: what runs where, how long, and what is wrong with it.
#pragma once

#include "cli/context.h"

#include <string>
#include <vector>

namespace shoal::cli {

// The slots of one job as /v1/slots lists them, with "job".
[[nodiscard]] std::vector<Json> slots_of(const Json& job);

// "web.0", one for each.
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Json>& slots);

[[nodiscard]] std::string replica_table(const Context& context, const std::vector<Json>& slots);

// "8080,9000": what a slot listens on, or what a job publishes.
[[nodiscard]] std::string ports_of(const Json& item);

}  // namespace shoal::cli
