// By which names a service is found by the others of its project, and which of its ports they need.
#pragma once

#include "node/compose/findings.h"
#include "node/compose/reading.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::compose {

struct Names {
    std::vector<std::string> exposed{};          // as the API writes them: "80", "53/udp"
    std::vector<std::string> aliases{};          // beside the job's own name
    std::map<std::string, std::string> links{};  // what it calls others: name -> job
    friend bool operator==(const Names&, const Names&) = default;
};

Names read_names(const Member& service, const std::string& project, Problems& problems);

// What the networks of the services that run ask for beyond the one network a project has: services
// that are kept apart, and names of other projects.
[[nodiscard]] std::vector<Finding> judge_networks(const Value& root,
                                                  const std::vector<std::string>& services);

}  // namespace shoal::compose
