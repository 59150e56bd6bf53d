// The process of a container in its spec: who it is, what it may do, what it finds around it.
#pragma once

#include "node/host/oci/spec.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::oci {

// Where an init of the host appears inside.
inline constexpr const char* kInitInside = "/.shoal-init";

[[nodiscard]] nlohmann::json process_section(const SpecWish& wish, std::vector<std::string> words);

}  // namespace shoal::host::oci
