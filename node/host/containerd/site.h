// What all containers of one node share: the connection, the limits, the way to report.
#pragma once

#include "node/base/id.h"
#include "node/host/containerd/client.h"
#include "node/host/containerd/gate.h"
#include "node/host/oci/spec.h"
#include "node/host/runtime/container_network.h"
#include "node/host/runtime/runtime.h"

#include <asio/any_io_executor.hpp>
#include <asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace shoal::host::ctrd {

struct Settings {
    std::string socket = "/run/containerd/containerd.sock";
    std::string name_space = "shoal";
    NodeId node{};
    std::string log_root{};
    // Where runc keeps its state: of this node alone, and empty after the host has booted. By
    // default all containerds of a host share one, and delete each other's containers.
    std::string runc_root{};
    // Where what checks say passes through: of this node alone, and empty after the host has
    // booted.
    std::string checks_root{};
    std::string cgroup_parent = "/shoal";
    std::string init_path{};        // a static init for those that ask for one (helper_files.h)
    std::string log_writer_path{};  // takes the output (helper_files.h); empty: the shim does
    std::size_t starts_max = 4;     // at once; more only wait for the same processors
    std::size_t checks_max = 16;    // at once, those that hang included
    // How long a start may wait for a containerd that does not answer.
    std::chrono::seconds start_patience{30};
    oci::HostFacts host{};
    ContainerNetwork network{};
    std::string spool{};     // blobs on their way
    FetchBlob fetch_blob{};  // empty: what is not here is nowhere
    std::string volumes{};   // the directories of volumes are below it
    std::string files{};     // in memory: what is handed to containers is written below it
};

struct Site {
    Site(const asio::any_io_executor& on, Settings all, Runtime::Report to)
        : executor(on),
          settings(std::move(all)),
          client(settings.socket, settings.name_space),
          report(std::move(to)),
          link_changed(on),
          starts(on, settings.starts_max),
          checks(on, settings.checks_max),
          unpacks(on, 1),
          fetches(on, 1) {}

    void say(const placement::ContainerReport& what) const {
        if (!closed) report(what);
    }

    // Whether containerd answers; waits for it until then.
    Awaitable<bool> connected_by(Moment end) {
        while (!connected && !closed && std::chrono::steady_clock::now() < end) {
            co_await link_changed.wait_until(end);
        }
        co_return connected && !closed;
    }

    asio::any_io_executor executor;
    Settings settings;
    Client client;
    Runtime::Report report;
    bool connected = false;
    std::string trouble{};  // why it is not
    bool closed = false;    // nobody listens any more
    Gate link_changed;
    Limiter starts;
    Limiter checks;
    Limiter unpacks;
    Limiter fetches;
    asio::thread_pool disk{1};           // copies what takes long
    std::set<std::string> whole_images;  // digests; what is known to be here
    std::string storage;                 // where containerd keeps snapshots, once one was seen
};

// It may be well again later: containerd is away, or slower than a call may take.
[[nodiscard]] inline bool may_pass(const Error& error) {
    return error.code == Errc::Unavailable || error.code == Errc::TimedOut;
}

}  // namespace shoal::host::ctrd
