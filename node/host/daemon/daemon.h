// The one daemon: `shoal agent`.
#pragma once

#include "node/host/daemon/options.h"
#include "node/host/runtime/make_runtime.h"

namespace shoal::host {

// Runs until told to stop by a signal, by `shoal leave`, or by a twin. Returns the exit status: 0
// after an orderly stop, 1 with the reason on standard error otherwise.
int run_agent(const AgentOptions& options, const MakeRuntime& make_containerd);

}  // namespace shoal::host
