// `shoal job apply FILE|-`.
#pragma once

#include "cli/program.h"

namespace shoal::cli {

void add_apply_command(Program& program, CLI::App& group);

}  // namespace shoal::cli
