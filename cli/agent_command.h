// `shoal agent`: the one command that is not a question to a node.
#pragma once

#include "cli/program.h"

namespace shoal::cli {

void add_agent_command(Program& program);

}  // namespace shoal::cli
