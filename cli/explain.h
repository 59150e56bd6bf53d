// Why a job runs where it does, or does not: also shown by `job apply --wait` when it gives up.
#pragma once

#include "cli/context.h"

#include <string>
#include <vector>

namespace shoal::cli {

// The coordinator's account if it can be had, otherwise that of the node that answers.
Outcome<Json> explanation(Context& context, const std::string& job);

// "slot 3: no node has room", one for each slot nobody runs.
[[nodiscard]] std::vector<std::string> pending_sentences(const Json& explanation);

// One row a node, with all its reasons.
[[nodiscard]] std::string explained(const Context& context, const Json& explanation);

}  // namespace shoal::cli
