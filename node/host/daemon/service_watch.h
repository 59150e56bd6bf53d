// Tells the runtime's network which services there are, whenever that may have changed.
#pragma once

#include "node/agent/agent.h"
#include "node/host/runtime/service_table.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <optional>

namespace shoal::host {

class ServiceWatch {
public:
    using Tell = std::function<void(const ServiceTable&)>;

    // `agent` must outlive it; `tell` is called on the loop, with what differs from the last.
    ServiceWatch(asio::io_context& loop, const agent::Agent& agent, Tell tell)
        : agent_(agent), tell_(std::move(tell)), timer_(loop) {}

    // What runs here is known from now on; before, all stays as the last run left it.
    void begin();
    // Claims, jobs and members come in crowds: looks once, a moment later.
    void changed();
    // Before a container starts, which will ask for names at once.
    void look();

private:
    const agent::Agent& agent_;
    Tell tell_;
    asio::steady_timer timer_;
    bool begun_ = false;
    bool waiting_ = false;
    std::optional<ServiceTable> told_;
};

}  // namespace shoal::host
