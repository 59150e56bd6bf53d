// What starts and stops containers for one node. The daemon's containerd adapter and the fake stand
// behind this; the simulator has its own in chaos/.
//
// Calls never block and are carried out per container in the order they were made: a stop that
// overtakes its start would leave an orphan. What happened is reported through `Report`, on the
// thread that runs the loop.
#pragma once

#include "node/host/oci/usage.h"
#include "node/host/runtime/images.h"
#include "node/host/runtime/service_table.h"
#include "placement/types.h"

#include <functional>
#include <optional>
#include <vector>

namespace shoal::host {

class Runtime {
public:
    using Report = std::function<void(const placement::ContainerReport&)>;
    // Why nothing can start now; empty: something can again.
    using Trouble = std::function<void(const std::string& why)>;
    using Listed = std::function<void(std::vector<placement::ContainerReport>)>;
    using Checked = std::function<void(placement::CheckReport)>;

    virtual ~Runtime() = default;

    // All containers of this node that exist now; answered once, before any report.
    virtual void list(Listed done) = 0;
    virtual void start(const placement::StartContainer& request) = 0;
    // Idempotent: an unknown container is reported as Gone.
    virtual void stop(const placement::StopContainer& request) = 0;

    // Runs the check beside the program of a container that runs, for at most its timeout. Not in
    // the order of starts and stops; several at once, and others wait their turn.
    virtual void check(const placement::CheckContainer& request, Checked done) = 0;

    // Null: it has none, and takes any name for one.
    [[nodiscard]] virtual Images* images() { return nullptr; }

    // What it uses now; nothing if it does not run, or this runtime cannot tell.
    [[nodiscard]] virtual std::optional<oci::Usage> usage(const placement::ContainerId& /*id*/) {
        return std::nullopt;
    }

    // Who answers to which name, whenever it changes. Containers started after the call know.
    virtual void serve(const ServiceTable& /*services*/) {}

    // Called on every change, from the loop. It begins well.
    virtual void on_trouble(Trouble /*tell*/) {}
};

}  // namespace shoal::host
