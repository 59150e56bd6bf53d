// The runtime the program hands to the daemon.
#pragma once

#include "node/host/runtime/make_runtime.h"

namespace shoal::host::ctrd {

// Errors: the container network cannot be brought up, and why.
[[nodiscard]] Result<std::unique_ptr<Runtime>> make_containerd_runtime(asio::io_context& loop,
                                                                       const RuntimeBirth& birth,
                                                                       Runtime::Report report);

}  // namespace shoal::host::ctrd
