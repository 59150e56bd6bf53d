// How a container gets a network of its own; without one it shares the host's.
//
// Called before the container exists and after it is gone, on the loop; both answer later, on the
// loop. attach() is idempotent: a start that is tried again asks again.
#pragma once

#include "node/base/result.h"
#include "placement/types.h"

#include <functional>
#include <string>
#include <vector>

namespace shoal::host {

struct NetworkPlace {
    std::string namespace_path{};  // to enter; empty: the host's network
    // What the container sees as /etc/hosts and /etc/resolv.conf; empty: the image's own.
    std::string hosts_file = "/etc/hosts";
    std::string resolver_file = "/etc/resolv.conf";
};

struct ContainerNetwork {
    using Attached = std::function<void(Result<NetworkPlace>)>;

    std::function<void(const placement::StartContainer&, Attached)> attach{};
    std::function<void(const placement::ContainerId&)> detach{};
    // Containers that run on after a restart of the agent keep theirs; what else there is may go.
    std::function<void(const std::vector<placement::ContainerId>&)> adopt{};
};

}  // namespace shoal::host
