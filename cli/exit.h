// What the process's exit status says. Scripts branch on it, so a number never changes its meaning.
#pragma once

#include <string_view>

namespace shoal::cli {

enum class Exit : int {
    Ok = 0,
    Failed = 1,
    Usage = 2,          // the command line itself is wrong
    NotPlaced = 3,      // some replica has no node
    Unhealthy = 4,      // placed, and not healthy
    TimedOut = 5,       // what was asked for may still happen
    Conflict = 6,       // exists already, or changed meanwhile
    Unreachable = 7,    // no node answered
    Interrupted = 130,  // a person stopped waiting; what shells give for ^C
};

// The status for the `code` of an API error (docs/api.md, "Errors"); codes not known here are
// Failed.
[[nodiscard]] Exit exit_of(std::string_view api_code);

}  // namespace shoal::cli
