// A project for people: what will be done with each service before it is, and where to find them
// after.
#pragma once

#include "cli/compose_file.h"
#include "cli/project_plan.h"

#include <string>
#include <vector>

namespace shoal::cli {

// A service a branch: image, replicas, ports, volumes, and the nodes it runs on now.
[[nodiscard]] std::string project_tree(const ComposeFile& file, const std::vector<Step>& steps);

// "shop/web.0  http://10.0.0.1:8080", a line each; `jobs` whole, `nodes` with their addresses.
[[nodiscard]] std::string list_of_urls(const std::vector<Json>& jobs, const Json& nodes);

}  // namespace shoal::cli
