// From the words of `shoal run` to the job they describe.
#pragma once

#include "cli/failure.h"
#include "cli/json.h"
#include "cli/world.h"

#include <string>
#include <string_view>
#include <vector>

namespace shoal::cli {

struct RunWords {
    std::string image{};
    std::vector<std::string> command{};
    std::string name{};
    std::string submission{};
    std::string replicas = "1";
    bool global = false;  // one on each node instead
    std::vector<std::string> publish{};
    std::vector<std::string> environment{};  // "K=V", or "K" as it is set here
    std::vector<std::string> environment_files{};
    std::vector<std::string> labels{};
    std::vector<std::string> constraints{};
    std::string cpus{};
    std::string memory{};
    std::string restart{};
    bool init = false;
    bool detach = false;
    bool remove = false;  // run once, and remove the job afterwards
};

// Everything but the name.
Outcome<Json> job_of(const RunWords& words, const World& world);

// "example/Web:1.2" and an id -> "web-" and 4 digits of the id: readable, and another one for every
// id.
[[nodiscard]] std::string derived_name(std::string_view image, std::string_view id);

}  // namespace shoal::cli
