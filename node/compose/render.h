// A project as others want to see it: as a Compose file again, and as the jobs it becomes.
#pragma once

#include "node/compose/project.h"

namespace shoal::compose {

// A label of every job of a project: whose it is. By it `up` knows what has left the file.
inline constexpr const char* kProjectLabel = "shoal.project";
inline constexpr const char* kServiceLabel = "shoal.service";
// Where a project was brought up that is named after its folder: two folders may share a name.
inline constexpr const char* kFolderLabel = "shoal.project.folder";

// The file with its variables, aliases, short forms and env_files resolved and without the services
// whose profiles were not asked for. Read again it is the same.
[[nodiscard]] Json resolved(const Project& project);

// What PUT /v1/jobs takes, every member said in the form the API answers with, so that the two can
// be compared. `folder` is for kFolderLabel; empty: no label.
[[nodiscard]] Json job_of(const Project& project, const Service& service,
                          const std::string& folder);

}  // namespace shoal::compose
