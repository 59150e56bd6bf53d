// What runs where beside a project, and which of its ports are in the way.
//
// A look for a person before something is done, no more: the nodes decide, and what is said here
// may have changed by then.
#pragma once

#include "cli/context.h"
#include "cli/project_plan.h"

#include <string>
#include <vector>

namespace shoal::cli {

struct Neighbours {
    Json nodes = Json::array();
    Json jobs = Json::array();
    Json slots = Json::array();
};

// What a node does not answer for stays empty: then nothing is in the way that anybody knows of.
[[nodiscard]] Neighbours look_around(Context& context);

// A sentence for each fixed port of the host that is free on fewer nodes than there are replicas.
[[nodiscard]] std::vector<std::string> collisions(const std::vector<Step>& steps,
                                                  const Neighbours& around);

// Is there a node that runs what reaches beyond its container?
[[nodiscard]] bool allows_privileges(const Json& nodes);

}  // namespace shoal::cli
