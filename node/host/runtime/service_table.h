// Who answers when a container asks for a service of its project by name: all a node's network has
// to know of the cluster.
#pragma once

#include "placement/types.h"
#include "placement/view.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::host {

struct ServedReplica {
    bool here = false;
    placement::ContainerId container{};          // here
    std::string address{};                       // elsewhere: of its node,
    std::vector<placement::ServedPort> ports{};  // and what leads to it there
    friend bool operator==(const ServedReplica&, const ServedReplica&) = default;
};

struct NamedService {
    std::string name{};                  // of the job, without its project
    std::vector<std::string> aliases{};  // what its siblings call it too
    std::vector<ServedReplica> replicas{};
    friend bool operator==(const NamedService&, const NamedService&) = default;
};

struct NamedProject {
    std::string name{};
    std::vector<placement::ContainerId> containers{};  // promised by this node
    std::vector<NamedService> services{};
    // What the containers of one job call a service: job -> name -> service.
    std::map<std::string, std::map<std::string, std::string>> links{};
    friend bool operator==(const NamedProject&, const NamedProject&) = default;
};

struct ServiceTable {
    std::vector<NamedProject> projects{};  // those with containers here
    std::vector<std::string> members{};    // addresses of the other nodes, sorted
    friend bool operator==(const ServiceTable&, const ServiceTable&) = default;
};

struct ServiceSources {
    const placement::View& view;
    std::map<NodeId, std::string> addresses{};       // of the other nodes that have not left
    std::vector<placement::ContainerId> promised{};  // by this node
};

// A pure function of what this node knows. Replicas are those that are healthy on nodes that are
// present; only where a service has none, those last heard healthy on nodes that do not answer.
// Costs what the projects here cost, whatever else runs in the cluster.
[[nodiscard]] ServiceTable make_service_table(const ServiceSources& sources);

}  // namespace shoal::host
