// Which system calls a container may make, as the seccomp section of an OCI spec.
//
// A list of what is allowed, not of what is forbidden: a call that a newer kernel adds is refused
// until somebody has thought about it.
#pragma once

#include <nlohmann/json.hpp>

namespace shoal::host::oci {

[[nodiscard]] nlohmann::json default_seccomp();

}  // namespace shoal::host::oci
