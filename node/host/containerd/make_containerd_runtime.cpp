#include "node/host/containerd/make_containerd_runtime.h"

#include "node/host/containerd/bridge_network.h"
#include "node/host/containerd/containerd_runtime.h"
#include "node/host/containerd/helper_files.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

namespace shoal::host::ctrd {
namespace {

Settings settings_of(const RuntimeBirth& birth) {
    return {.socket = birth.socket,
            .name_space = birth.name_space,
            .node = birth.node,
            .log_root = birth.log_path,
            .runc_root = birth.volatile_path + "/runc",
            .checks_root = birth.volatile_path + "/checks",
            .starts_max = 2 * std::max(1U, std::thread::hardware_concurrency()),
            .host = oci::detect_host(),
            .spool = birth.spool_path,
            .fetch_blob = birth.fetch_blob,
            .volumes = birth.volume_path,
            .files = birth.volatile_path + "/files"};
}

// The network lives as long as the runtime that asks it.
class Bridged final : public Runtime {
public:
    Bridged(asio::io_context& loop, Settings settings, std::unique_ptr<BridgeNetwork> network,
            Report report)
        : network_(std::move(network)), runtime_(loop, std::move(settings), std::move(report)) {}

    void list(Listed done) override { runtime_.list(std::move(done)); }

    void start(const placement::StartContainer& request) override { runtime_.start(request); }

    void stop(const placement::StopContainer& request) override { runtime_.stop(request); }

    void check(const placement::CheckContainer& request, Checked done) override {
        runtime_.check(request, std::move(done));
    }

    [[nodiscard]] Images* images() override { return runtime_.images(); }

    void serve(const ServiceTable& services) override { network_->serve(services); }

    void on_trouble(Trouble tell) override { runtime_.on_trouble(std::move(tell)); }

private:
    std::unique_ptr<BridgeNetwork> network_;
    ContainerdRuntime runtime_;
};

}  // namespace

Result<std::unique_ptr<Runtime>> make_containerd_runtime(asio::io_context& loop,
                                                         const RuntimeBirth& birth,
                                                         Runtime::Report report) {
    auto settings = settings_of(birth);
    auto init = place_init(birth.volatile_path);
    if (!init) return fail(init.error());
    settings.init_path = std::move(*init);
    // /run is often mounted noexec.
    const auto data = std::filesystem::path{birth.log_path}.parent_path().string();
    const auto writer = place_log_writer({birth.volatile_path, data});
    if (!writer) {
        spdlog::warn("{}; containers hang when the disk of their logs is full",
                     writer.error().detail);
    }
    settings.log_writer_path = writer.value_or("");
    if (!birth.bridged) {
        return std::make_unique<ContainerdRuntime>(loop, std::move(settings), std::move(report));
    }
    auto network =
        BridgeNetwork::open(loop,
                            {.node = birth.node,
                             .run_dir = birth.volatile_path + "/network",
                             .subnet_file = birth.subnet_file,
                             .bridge_subnet = birth.bridge_subnet,
                             .service_subnet = birth.service_subnet},
                            [](const std::string& line) { spdlog::warn("network: {}", line); });
    if (!network) {
        return fail(network.error().code,
                    network.error().detail +
                        ". Containers can share the host's network instead: --network host");
    }
    settings.network = (*network)->seam();
    return std::make_unique<Bridged>(loop, std::move(settings), std::move(*network),
                                     std::move(report));
}

}  // namespace shoal::host::ctrd
