// What has to happen so that a project runs as its file says: a comparison, nothing is done here.
#pragma once

#include "cli/context.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::cli {

struct Step {
    enum class Kind : std::uint8_t { Create, Change, Keep, Remove };

    Kind kind = Kind::Create;
    std::string name{};            // of the job
    Json job{};                    // as it shall be; as it is for one that goes
    std::uint64_t generation = 0;  // of the job that is there
    Json there{};                  // that job; nothing for a new one
};

// "create", "change", "keep", "remove"
[[nodiscard]] std::string_view to_string(Step::Kind kind);

// The jobs of a project as the nodes have them, whole. One of another project or of nobody in
// particular may stand among them: its name alone made it one.
Outcome<std::vector<Json>> jobs_of_project(Context& context, const std::string& project);

// What the names of images mean now, by name. Jobs have theirs pinned to what it meant when they
// were written.
using Digests = std::map<std::string, std::string>;

// Asks only if one of the jobs is pinned.
Outcome<Digests> digests_for(Context& context, const std::vector<Json>& jobs);

[[nodiscard]] bool belongs_to(const Json& job, const std::string& project);

// Where the project was brought up from, if it is named after its folder and by another: a failure.
Outcome<void> check_folder(const std::vector<Json>& existing, const std::string& project,
                           const std::string& folder);

// `wanted`: jobs with every member said (compose::job_of). Refuses to change what is not the
// project's.
Outcome<std::vector<Step>> plan_project(const std::vector<Json>& wanted,
                                        const std::vector<Json>& existing, const Digests& digests,
                                        const std::string& project);

[[nodiscard]] bool changes_anything(const std::vector<Step>& steps);

}  // namespace shoal::cli
