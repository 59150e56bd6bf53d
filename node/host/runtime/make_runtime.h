// How the daemon comes by a runtime it does not link: the program hands one in, so that the host
// itself builds and is tested without gRPC.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/runtime/runtime.h"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace shoal::host {

struct RuntimeBirth {
    NodeId node{};
    std::string socket{};         // of containerd
    std::string name_space{};     // of this node, in containerd
    std::string log_path{};       // output of containers is written below it
    std::string volatile_path{};  // of this node alone; empty after the host has booted
    bool bridged = true;          // each container a network of its own; else the host's
    std::string bridge_subnet{};  // empty: remembered, or chosen
    std::string service_subnet{};
    std::string subnet_file{};  // remembers both
    std::string spool_path{};   // where an image's blobs wait until they are whole
    FetchBlob fetch_blob{};     // from other nodes
    std::string volume_path{};  // volumes are directories below it
};

using MakeRuntime = std::function<Result<std::unique_ptr<Runtime>>(asio::io_context&, RuntimeBirth,
                                                                   Runtime::Report)>;

}  // namespace shoal::host
