// A Compose file and all around it in, a project out. Nothing is read but through what is handed
// in.
#pragma once

#include "node/compose/findings.h"
#include "node/compose/json.h"
#include "node/compose/service.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace shoal::compose {

struct Source {
    std::string text{};
    std::string folder{};     // the name of the folder the file is in, for a project without one
    std::string project{};    // wanted by -p; empty: not said
    Variables environment{};  // of where the command runs; wins over files
    std::vector<std::string> env_files{};  // must be there; none: `.env`, if it is
    std::set<std::string> profiles{};      // with those of COMPOSE_PROFILES
    FileReader read{};
};

// By -p, COMPOSE_PROJECT_NAME, the file's `name`, or its folder: the first that says one.
enum class NamedBy : std::uint8_t { Person, File, Folder };

struct Project {
    std::string name{};
    NamedBy named_by = NamedBy::Folder;
    std::vector<Service> services{};      // those that run, in the order of the file
    std::vector<std::string> inactive{};  // left out since their profiles are not asked for
    std::vector<Finding> findings{};      // of the services that run, and of the file
    std::vector<Problem> remarks{};
    Value root{};  // with variables and aliases resolved
};

[[nodiscard]] tl::expected<Project, std::vector<Problem>> load(const Source& source);

struct Named {
    std::string name{};
    NamedBy named_by = NamedBy::Folder;
};

// The name alone, for a file whose services do not matter.
[[nodiscard]] tl::expected<Named, std::vector<Problem>> load_name(const Source& source);

// The name of the job of a service: "shop/web". Jobs are named in lower case without dots.
[[nodiscard]] std::string job_name(const std::string& project, const std::string& service);

}  // namespace shoal::compose
