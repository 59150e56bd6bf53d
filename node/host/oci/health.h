// The check an image brings, and how a check is run in a container that was made from a spec.
#pragma once

#include "node/base/result.h"
#include "placement/health.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::host::oci {

// "Healthcheck" of an image's configuration, which `docker save` and most builders of OCI images
// write alike. Anything else than an object: none.
[[nodiscard]] Result<placement::HealthCheck> parse_image_check(const nlohmann::json& health);

// The same in a runtime spec, so that it is known as long as the container is; empty: none.
inline constexpr const char* kCheckAnnotation = "shoal.image-check";
[[nodiscard]] std::string check_annotation(const placement::HealthCheck& image_check);
[[nodiscard]] placement::HealthCheck check_in_spec(std::string_view spec);

// The program of a check that asks something.
[[nodiscard]] std::vector<std::string> check_words(const placement::HealthCheck& check);

// A process spec for `words` beside the program of this runtime spec: same user, environment,
// folder and limits.
[[nodiscard]] Result<std::string> process_beside(std::string_view spec,
                                                 std::vector<std::string> words);

}  // namespace shoal::host::oci
