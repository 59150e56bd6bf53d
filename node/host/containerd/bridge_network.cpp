#include "node/host/containerd/bridge_network.h"

#include "node/host/containerd/labels.h"
#include "node/host/containerd/service_names.h"
#include "node/host/network/hosts_file.h"
#include "node/host/network/resolv.h"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kWatchEvery{3};

Result<std::vector<network::PortRequest>> requests_of(const placement::StartContainer& request) {
    std::vector<network::PortRequest> out;
    const auto& wishes = request.container.ports;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        const auto& wish = wishes[i];
        network::PortRequest port;
        if (!wish.host_ip.empty()) {
            const auto address = network::parse_ipv4(wish.host_ip);
            if (!address) {
                return fail(Errc::Malformed, "cannot publish on " + wish.host_ip +
                                                 ": containers have IPv4 addresses only");
            }
            port.host = *address;
        }
        port.host_port = i < request.host_ports.size() ? request.host_ports[i] : wish.host_port;
        port.container_port = wish.container_port;
        port.protocol = wish.protocol == placement::Protocol::Udp ? network::Protocol::Udp
                                                                  : network::Protocol::Tcp;
        port.members_only = wish.reach != placement::PortReach::Published;
        out.push_back(port);
    }
    return out;
}

Result<void> write_text(const fs::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::trunc | std::ios::binary};
    file << text;
    file.close();
    if (!file) return fail(Errc::Io, "cannot write " + path.string());
    return {};
}

}  // namespace

// What it hands to its pool refers to it: stop() comes before its end.
class BridgeNetwork::Worker {
public:
    Worker(asio::io_context& loop, const network::Settings& settings, Tell tell)
        : loop_(loop),
          node_(settings.node),
          files_(fs::path{settings.run_dir} / "files"),
          tell_(std::move(tell)),
          timer_(pool_) {}

    Result<void> open(const network::Settings& settings) {
        auto opened = network::Network::open(settings);
        if (!opened) return fail(opened.error());
        network_ = std::move(*opened);
        for (const auto& notice : network_->notices()) {
            tell_(notice);
        }
        std::error_code error;
        fs::create_directories(files_, error);
        if (error) return fail(Errc::Io, files_.string() + ": " + error.message());
        return {};
    }

    void run() { watch_later(); }

    void stop() {
        pool_.stop();
        pool_.join();
    }

    void attach(placement::StartContainer request, ContainerNetwork::Attached answer) {
        asio::post(pool_,
                   [this, request = std::move(request), answer = std::move(answer)]() mutable {
                       asio::post(loop_, [place = place_for(request), answer = std::move(answer)] {
                           answer(place);
                       });
                   });
    }

    // The newest counts: whatever the worker is asked next, it knows of it.
    void serve(const ServiceTable& services) {
        {
            const std::lock_guard lock{mutex_};
            waiting_ = services;
        }
        asio::post(pool_, [this] { take_services(); });
    }

    void detach(const placement::ContainerId& id) {
        asio::post(pool_, [this, name = name_of(id)] {
            if (const auto gone = network_->detach(name); !gone) {
                tell_("the network of " + name + " is not wholly removed: " + gone.error().detail);
            }
            remove_files(name);
        });
    }

    void adopt(const std::vector<placement::ContainerId>& running) {
        std::set<std::string> names;
        for (const auto& id : running) {
            names.insert(name_of(id));
        }
        asio::post(pool_, [this, names = std::move(names)] {
            const auto removed = network_->keep_only(names);
            if (!removed) {
                tell_("networks of ended containers remain: " + removed.error().detail);
            }
            std::error_code ignored;
            for (const auto& entry : fs::directory_iterator{files_, ignored}) {
                const auto name = entry.path().filename().string();
                if (!names.contains(name)) remove_files(name);
            }
        });
    }

private:
    [[nodiscard]] std::string name_of(const placement::ContainerId& id) const {
        return containerd_id({node_, id});
    }

    void take_services() {
        std::optional<ServiceTable> news;
        {
            const std::lock_guard lock{mutex_};
            news = std::exchange(waiting_, std::nullopt);
        }
        if (!news) return;
        services_ = std::move(*news);
        const auto served = network_->serve(
            projects_of(services_,
                        [this](const placement::ContainerId& id) { return name_of(id); }),
            members_of(services_));
        // The network tries again at every watch.
        if (!served) tell_("services are not all reached by name: " + served.error().detail);
        for (const auto& project : services_.projects) {
            for (const auto& id : project.containers)
                refresh_names(id);
        }
    }

    void refresh_names(const placement::ContainerId& id) {
        const auto hosts = files_ / name_of(id) / "hosts";
        std::error_code ignored;
        if (!fs::exists(hosts, ignored)) return;  // Not started yet.
        const auto written = network::refresh_hosts(hosts.string(), names_for(id));
        if (!written) tell_(written.error().detail);
    }

    [[nodiscard]] std::vector<network::HostName> names_for(const placement::ContainerId& id) const {
        return host_names(services_, id.slot.job, [this](const auto& project, const auto& service) {
            return network_->service_address(project, service);
        });
    }

    Result<NetworkPlace> place_for(const placement::StartContainer& request) {
        take_services();
        const auto name = name_of(request.id);
        auto attachment = network_->find(name);
        if (!attachment) {
            const auto ports = requests_of(request);
            if (!ports) return fail(ports.error());
            auto attached = network_->attach(name, *ports);
            if (!attached) return fail(attached.error());
            attachment = std::move(*attached);
        }
        const auto folder = files_ / name;
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) return fail(Errc::Io, folder.string() + ": " + error.message());
        const auto hosts = folder / "hosts";
        const auto resolver = folder / "resolv.conf";
        const auto& wished = request.container.process;
        auto own_name = wished.hostname.empty() ? hostname_of(request.id.slot) : wished.hostname;
        if (!wished.domainname.empty()) {
            own_name = own_name + "." + wished.domainname + " " + own_name;
        }
        const auto text =
            network::hosts_file(own_name, attachment->address, {}) +
            network::extra_hosts(wished.extra_hosts, network_->bridge().subnet.gateway());
        if (const auto written =
                write_text(hosts, network::with_services(text, names_for(request.id)));
            !written) {
            return fail(written.error());
        }
        const auto resolv = network::resolv_conf(network::read_resolv_sources());
        const auto resolver_text =
            network::with_wishes(resolv.text, {wished.dns, wished.dns_search, wished.dns_opt});
        if (const auto written = write_text(resolver, resolver_text); !written) {
            return fail(written.error());
        }
        if (!resolv.remark.empty() && !std::exchange(resolver_told_, true)) tell_(resolv.remark);
        return NetworkPlace{attachment->namespace_path, hosts.string(), resolver.string()};
    }

    void remove_files(const std::string& name) {
        std::error_code ignored;
        fs::remove_all(files_ / name, ignored);
    }

    void watch_later() {
        timer_.expires_after(kWatchEvery);
        timer_.async_wait([this](const std::error_code& error) {
            if (error) return;
            const auto report = network_->watch();
            for (const auto& line : report.restored) {
                tell_("restored: " + line);
            }
            for (const auto& line : report.failed) {
                tell_(line);
            }
            watch_later();
        });
    }

    asio::io_context& loop_;
    NodeId node_;
    fs::path files_;
    Tell tell_;
    std::mutex mutex_;
    std::optional<ServiceTable> waiting_;  // under the mutex
    ServiceTable services_;                // worker only
    bool resolver_told_ = false;           // worker only
    std::unique_ptr<network::Network> network_;
    asio::thread_pool pool_{1};
    asio::steady_timer timer_;
};

Result<std::unique_ptr<BridgeNetwork>> BridgeNetwork::open(asio::io_context& loop,
                                                           const network::Settings& settings,
                                                           Tell tell) {
    auto worker = std::make_shared<Worker>(loop, settings, std::move(tell));
    if (const auto opened = worker->open(settings); !opened) return fail(opened.error());
    worker->run();
    return std::unique_ptr<BridgeNetwork>{new BridgeNetwork{std::move(worker)}};
}

BridgeNetwork::BridgeNetwork(std::shared_ptr<Worker> worker) : worker_(std::move(worker)) {}

BridgeNetwork::~BridgeNetwork() {
    worker_->stop();
}

void BridgeNetwork::serve(const ServiceTable& services) {
    worker_->serve(services);
}

ContainerNetwork BridgeNetwork::seam() {
    const auto& worker = worker_;
    return {.attach = [worker](const auto& request,
                               auto answer) { worker->attach(request, std::move(answer)); },
            .detach = [worker](const auto& id) { worker->detach(id); },
            .adopt = [worker](const auto& running) { worker->adopt(running); }};
}

}  // namespace shoal::host::ctrd
