// The command line without the daemon: every command but `agent`.
#pragma once

#include "cli/world.h"

#include <string>
#include <vector>

namespace shoal::cli {

// The exit status. `arguments` without the program's name.
int run(World& world, std::vector<std::string> arguments);

}  // namespace shoal::cli
