// A tree as JSON, for the schema and for whoever prints it.
#pragma once

#include "node/compose/value.h"

#include <nlohmann/json.hpp>

namespace shoal::compose {

using Json = nlohmann::ordered_json;

// A number that JSON would write otherwise (0755, 1.10, .inf) becomes a text, so that nothing of it
// is lost.
[[nodiscard]] Json to_json(const Value& value);

}  // namespace shoal::compose
