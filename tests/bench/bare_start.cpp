// What starting containers costs when nobody decides anything: the native calls a node makes, in
// its order, with its spec, snapshotter, limits, network and log files, and as many at once. The
// baseline of `./dev bench first-light`, which runs one of these beside each agent.
//
// Standard input tells what to do, a line each, and a word answers when it is done:
//     start COUNT ROUND  ->  started
//     stop               ->  stopped
#include "node/host/containerd/client.h"
#include "node/host/containerd/image_store.h"
#include "node/host/containerd/labels.h"
#include "node/host/containerd/log_files.h"
#include "node/host/network/network.h"
#include "node/host/oci/spec.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace shoal::bench {
namespace {

using host::ctrd::Awaitable;
using host::ctrd::Client;

template <class T>
T checked(Result<T> result, const char* what) {
    if (!result) throw std::runtime_error{std::string{what} + ": " + result.error().detail};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

NodeId new_id() {
    std::random_device chance;
    return {(std::uint64_t{chance()} << 32U) | chance(), chance()};
}

class Bare {
public:
    Bare(const std::string& socket, const std::string& name_space, std::string folder)
        : client_(socket, name_space), folder_(std::move(folder)), node_(new_id()) {
        network_ =
            checked(network::Network::open({.node = node_,
                                            .run_dir = folder_ + "/network",
                                            .subnet_file = folder_ + "/subnet",
                                            .bridge_subnet = {},
                                            .dynamic_ports = {.first = 40000, .last = 49999}}),
                    "the network");
        await(client_.ensure_namespace(), "the namespace");
        image_ = await(host::ctrd::find_image(client_, "test/busybox:1"), "the image");
        await(host::ctrd::unpack_image(client_, image_.manifest), "unpacking");
    }

    ~Bare() { client_.close(); }

    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    // As many at once as an agent starts.
    void start(unsigned count, unsigned round) {
        unsigned next = 0;
        each_of(2 * std::max(1U, std::thread::hardware_concurrency()), [&]() -> Awaitable<void> {
            while (next < count) {
                placement::ContainerId slot{{"bare", next++}, round};
                co_await start_one(std::move(slot));
            }
        });
    }

    void stop() {
        auto all = std::exchange(running_, {});
        each_of(2 * std::max(1U, std::thread::hardware_concurrency()), [&]() -> Awaitable<void> {
            while (!all.empty()) {
                auto id = std::move(all.back());
                all.pop_back();
                co_await remove(std::move(id));
            }
        });
    }

private:
    template <class T>
    T await(Awaitable<Result<T>> call, const char* what) {
        std::optional<Result<T>> out;
        asio::co_spawn(loop_, std::move(call), [&](const std::exception_ptr& wrong, Result<T> got) {
            if (wrong) std::rethrow_exception(wrong);
            out = std::move(got);
        });
        // Calls are carried out elsewhere: the loop has nothing to do until one answers.
        while (!out) {
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds{20});
        }
        return checked(std::move(*out), what);
    }

    template <class Make>
    void each_of(unsigned count, Make make) {
        unsigned open = count;
        for (unsigned i = 0; i < count; ++i) {
            asio::co_spawn(loop_, make(), [&open](const std::exception_ptr& wrong) {
                if (wrong) std::rethrow_exception(wrong);
                --open;
            });
        }
        while (open > 0) {
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds{20});
        }
    }

    // node/host/containerd/launch.cpp, without its questions.
    Awaitable<void> start_one(placement::ContainerId slot) {
        const host::ctrd::Identity identity{node_, slot};
        const auto id = host::ctrd::containerd_id(identity);
        const auto logs = host::ctrd::log_files(folder_ + "/logs", slot);
        checked(host::ctrd::make_log_files(logs), "log files");
        const auto place = checked(network_->attach(id, {{.container_port = 8000}}), "attach");
        host::ctrd::ContainerRecord record{.id = id,
                                           .image = image_.name,
                                           .labels = host::ctrd::make_labels(identity, {}),
                                           .snapshot_key = id,
                                           .spec = spec_of(id, slot, place.namespace_path),
                                           .runc_root = folder_ + "/runc"};
        const auto made = co_await client_.create_container(std::move(record));
        checked(made, "create container");
        auto mounts = co_await client_.prepare_snapshot(id, image_.top);
        auto root = checked(std::move(mounts), "snapshot");
        // Not made in the co_await expression: g++ 12 destroys such a temporary twice.
        host::ctrd::TaskStreams streams{.out = logs.out, .err = logs.err};
        const auto created = co_await client_.create_task(id, std::move(root), std::move(streams));
        checked(created, "create task");
        const auto started = co_await client_.start_task(id);
        checked(started, "start task");
        running_.push_back(id);
    }

    std::string spec_of(const std::string& id, const placement::ContainerId& slot,
                        const std::string& network) const {
        host::oci::SpecWish wish{.id = id,
                                 .hostname = host::ctrd::hostname_of(slot.slot),
                                 .image = image_.config,
                                 .user = checked(host::oci::find_user("", "", ""), "the user"),
                                 .cgroups_path = "/shoal/" + client_.name_space() + "/" + id,
                                 .network_namespace = network,
                                 .host = facts_};
        wish.container.image = image_.name;
        wish.container.command = {"sleep", "1000"};
        wish.container.need = {0, 64ULL << 20U};  // as measure.py has it
        return checked(host::oci::make_spec(wish), "the spec");
    }

    Awaitable<void> remove(std::string id) {
        const auto killed = co_await client_.kill_task(id, SIGKILL, true);
        const auto ended = co_await client_.wait_task(id, std::chrono::seconds{20});
        const auto task = co_await client_.delete_task(id);
        checked(task, "delete task");
        const auto record = co_await client_.delete_container(id);
        checked(record, "delete container");
        const auto snapshot = co_await client_.remove_snapshot(id);
        // Without a record that names it, containerd's collector may have been faster.
        if (!snapshot && snapshot.error().code != Errc::NotFound) checked(snapshot, "its snapshot");
        checked(network_->detach(id), "detach");
    }

    asio::io_context loop_;
    Client client_;
    std::string folder_;
    NodeId node_;
    host::oci::HostFacts facts_ = host::oci::detect_host();
    std::unique_ptr<network::Network> network_;
    host::ctrd::Image image_;
    std::vector<std::string> running_;
};

void serve(Bare& bare) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words{line};
        std::string verb;
        unsigned count = 0;
        unsigned round = 0;
        words >> verb >> count >> round;
        if (verb == "start") {
            bare.start(count, round);
            std::cout << "started" << std::endl;
        } else {
            bare.stop();
            std::cout << "stopped" << std::endl;
        }
    }
}

}  // namespace
}  // namespace shoal::bench

int main(int count, char** words) {
    if (count != 4) {
        std::fprintf(stderr, "usage: bare_start CONTAINERD-SOCKET NAMESPACE FOLDER\n");
        return 2;
    }
    try {
        shoal::bench::Bare bare{words[1], words[2], words[3]};
        shoal::bench::serve(bare);
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "bare_start: %s\n", wrong.what());
        return 1;
    }
    return 0;
}
