// What a job mounts into its container, as the runtime spec says it.
#pragma once

#include "node/host/oci/spec.h"

#include <nlohmann/json.hpp>

namespace shoal::host::oci {

// After those every container has; one of the same place takes its place.
void add_mounts(nlohmann::json& mounts, const SpecWish& wish);

}  // namespace shoal::host::oci
