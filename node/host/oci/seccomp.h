// Which system calls a container may make, as the seccomp section of an OCI spec.
//
// A list of what is allowed, not of what is forbidden: a call that a newer kernel adds is refused
// until somebody has thought about it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::oci {

// `capabilities`: "SYS_ADMIN" and its like. The calls that only they make possible are allowed to
// whoever has them.
[[nodiscard]] nlohmann::json seccomp_for(const std::vector<std::string>& capabilities);

}  // namespace shoal::host::oci
