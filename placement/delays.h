// How long a lost node's slots wait before they are placed anew: the one table (architecture 4.1).
#pragma once

#include "node/base/standing.h"
#include "node/base/time.h"

namespace shoal::placement {

struct Delays {
    Duration announced_restart = std::chrono::seconds{60};
    Duration agent_down = std::chrono::milliseconds{1500};
    Duration dead = std::chrono::seconds{1};
    // Without witnesses, indirect probes stand in for them and 5 s are enough at every size.
    Duration unreachable = std::chrono::seconds{5};
    Duration left{};
};

// kNever-like Duration::max() for a node that is present.
[[nodiscard]] constexpr Duration delay_of(const Delays& delays, Standing standing, bool announced) {
    switch (standing) {
        case Standing::Alive:
        case Standing::Suspect:
            return Duration::max();
        case Standing::AgentDown:
            return announced ? delays.announced_restart : delays.agent_down;
        case Standing::Unreachable:
            return announced ? delays.announced_restart : delays.unreachable;
        case Standing::Dead:
            return delays.dead;
        case Standing::Left:
            return delays.left;
    }
    return Duration::max();
}

}  // namespace shoal::placement
