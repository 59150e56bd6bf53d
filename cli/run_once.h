// `shoal run --rm IMAGE CMD`: a command that runs to its end somewhere in the cluster, seen as if
// it ran here: what it writes is shown while it runs, its exit status becomes ours, and its job is
// removed afterwards, also after ^C. Who kills this command instead leaves the job behind.
#pragma once

#include "cli/context.h"

#include <string>

namespace shoal::cli {

// `name` is a job that was just accepted and never restarts.
Outcome<Exit> run_to_its_end(Context& context, const std::string& name);

}  // namespace shoal::cli
