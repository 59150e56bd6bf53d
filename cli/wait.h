// Waiting until jobs are what was asked for: what `run`, `scale` and `job apply --wait` have in
// common.
//
// Ends well when every replica stayed healthy for a while (cli/settling.h). Gives up early where
// waiting is in vain: a replica crashes again and again, or no node bids for it and nobody said
// with
// --timeout how long to hope. The jobs stay in any case.
#pragma once

#include "cli/context.h"
#include "cli/settling.h"

#include <cstdint>
#include <vector>

namespace shoal::cli {

enum class Ending : std::uint8_t {
    One,      // the job as it is at the end is the command's answer
    List,     // the jobs are, as a list
    Project,  // so are they, and what comes next the command says itself
    Remarks,  // the command has answered already; what comes now is for people alone
};

// Shows what happens, then what runs where, then the verdict.
Outcome<Exit> wait_until_settled(Context& context, const std::vector<Awaited>& jobs, Ending ending);

}  // namespace shoal::cli
