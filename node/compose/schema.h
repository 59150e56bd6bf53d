// The JSON schema of the Compose specification: the net below our own checks. What they do not look
// at, since it is left out anyway, is still held against the specification.
#pragma once

#include "node/compose/value.h"

#include <optional>
#include <string_view>

namespace shoal::compose {

// The first thing the schema does not allow.
[[nodiscard]] std::optional<Problem> hold_against_schema(const Value& root);

// The schema's text, as the specification has it.
[[nodiscard]] std::string_view schema_text();

}  // namespace shoal::compose
