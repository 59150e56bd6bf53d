// How one node stands in the eyes of another: membership's verdict, in the words all machines
// share.
#pragma once

#include <cstdint>
#include <string_view>

namespace shoal {

enum class Standing : std::uint8_t {
    Alive = 0,
    Suspect = 1,      // accused, may still refute; counts as present
    AgentDown = 2,    // its host refuses our connection: the process is gone, the host is not
    Unreachable = 3,  // silent to us; local opinion, never told as a fact
    Dead = 4,         // certified by witnesses (none exist before the witness protocol)
    Left = 5,         // said itself that it leaves
};

[[nodiscard]] constexpr std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::Alive:
            return "alive";
        case Standing::Suspect:
            return "suspect";
        case Standing::AgentDown:
            return "agent-down";
        case Standing::Unreachable:
            return "unreachable";
        case Standing::Dead:
            return "dead";
        case Standing::Left:
            return "left";
    }
    return "unknown";
}

[[nodiscard]] constexpr bool valid(Standing standing) {
    return standing <= Standing::Left;
}

// Counts as present: may coordinate, is asked for bids, is waited for.
[[nodiscard]] constexpr bool present(Standing standing) {
    return standing == Standing::Alive || standing == Standing::Suspect;
}

}  // namespace shoal
