// One node, for every command that shows one.
#pragma once

#include "cli/context.h"

#include <string>

namespace shoal::cli {

// All about one, and what it runs.
Outcome<View> node_view(Context& context, const std::string& name);

}  // namespace shoal::cli
