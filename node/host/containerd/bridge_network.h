// Containers on the node's bridge: shoal::network behind the runtime's seam.
//
// Its calls block for milliseconds, the kernel's pace, so one worker makes them in the order they
// were asked for; answers come back on the loop. Every few seconds it looks whether somebody
// flushed the rules or reset a switch.
#pragma once

#include "node/host/network/network.h"
#include "node/host/runtime/container_network.h"
#include "node/host/runtime/service_table.h"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace shoal::host::ctrd {

class BridgeNetwork {
public:
    // Lines for the log; called from the worker's thread.
    using Tell = std::function<void(const std::string&)>;

    // Brings the bridge up and keeps what an earlier run left running. Errors: network.h.
    static Result<std::unique_ptr<BridgeNetwork>> open(asio::io_context& loop,
                                                       const network::Settings& settings,
                                                       Tell tell);
    BridgeNetwork(const BridgeNetwork&) = delete;
    BridgeNetwork& operator=(const BridgeNetwork&) = delete;
    // Waits for the call under way; what was asked later is not begun. Containers keep their
    // network.
    ~BridgeNetwork();

    // What containers reach by name; those attached after the call find it.
    void serve(const ServiceTable& services);

    // Usable as long as this lives.
    [[nodiscard]] ContainerNetwork seam();

private:
    class Worker;
    explicit BridgeNetwork(std::shared_ptr<Worker> worker);
    std::shared_ptr<Worker> worker_;
};

}  // namespace shoal::host::ctrd
