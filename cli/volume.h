// What `shoal volume` and `shoal down -v` have in common: finding volumes, and having one removed
// by the node that holds it.
#pragma once

#include "cli/program.h"

#include <string>
#include <vector>

namespace shoal::cli {

void add_volume_commands(Program& program);

// All there are, as one node knows of them.
Outcome<std::vector<Json>> all_volumes(Context& context, const std::string& wanted);

// Removes one. While a replica that is on its way out still has it, it is asked again, for
// `patience`.
Outcome<void> remove_volume(Context& context, const Json& volume,
                            std::chrono::milliseconds patience);

// The names of the volumes these jobs brought with them: not of external ones.
[[nodiscard]] std::vector<std::string> volumes_of_jobs(const std::vector<Json>& jobs);

// Those of these names, whichever replica's; what was removed, a line each.
Outcome<std::string> remove_volumes(Context& context, const std::vector<std::string>& names,
                                    std::chrono::milliseconds patience);

}  // namespace shoal::cli
