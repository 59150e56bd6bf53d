// How a container of ours is known: labels that name the node and the slot, and an id made of them.
//
// Ids of containerd take no '/', and 76 characters; names of jobs have both. So the id is for
// people and unique, and the labels are the truth.
#pragma once

#include "node/base/id.h"
#include "node/host/containerd/types.h"
#include "placement/types.h"

#include <optional>
#include <string>

namespace shoal::host::ctrd {

struct Identity {
    NodeId node{};
    placement::ContainerId id{};
    friend bool operator==(const Identity&, const Identity&) = default;
};

// The labels of a job first: they cannot pass for ours.
[[nodiscard]] Labels make_labels(const Identity& identity, const Labels& of_job);

// Nothing if one is missing or means nothing.
[[nodiscard]] std::optional<Identity> read_labels(const Labels& labels);

// "project-web.2-7-1f0c7a6e": always the same for one identity, on this node and no other.
[[nodiscard]] std::string containerd_id(const Identity& identity);

// What a program inside sees as the name of its host: "project-web-2".
[[nodiscard]] std::string hostname_of(const placement::SlotId& slot);

}  // namespace shoal::host::ctrd
