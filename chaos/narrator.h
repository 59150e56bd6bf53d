// Tells a run in lines a person can read, for `shoal-sim --log`: who started, who saw what, what
// was placed and stopped. Says nothing of ordinary traffic.
#pragma once

#include "chaos/cluster.h"

namespace shoal::chaos {

void narrate(Instant now, const Machine& machine, const agent::Input& input,
             const agent::Effects& effects);

}  // namespace shoal::chaos
