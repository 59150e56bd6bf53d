#include "node/host/containerd/containerd_runtime.h"

#include "node/api/containerd_version.h"
#include "node/host/containerd/check.h"
#include "node/host/containerd/containerd_images.h"
#include "node/host/containerd/labels.h"
#include "node/host/containerd/lane.h"
#include "node/host/containerd/launch.h"
#include "node/host/oci/health.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal::host::ctrd {
namespace {

using placement::ContainerId;
using placement::ContainerReport;
using placement::ContainerState;

constexpr std::chrono::milliseconds kReconnect{200};
constexpr std::size_t kTroubleMax = 400;

}  // namespace

// Keeps the connection, and a lane for each container that runs or is worked on.
class ContainerdRuntime::Keeper : public std::enable_shared_from_this<Keeper> {
public:
    Keeper(const asio::any_io_executor& executor, Settings settings, Report report)
        : site_(std::make_shared<Site>(executor, std::move(settings), std::move(report))) {}

    void begin() {
        asio::co_spawn(
            site_->executor, [self = shared_from_this()] { return self->keep(); }, asio::detached);
    }

    void list(Listed done) {
        listed_ = std::move(done);
        if (!site_->connected) return;  // The connection will answer.
        asio::co_spawn(
            site_->executor, [self = shared_from_this()] { return self->take_stock(); },
            asio::detached);
    }

    void start(const placement::StartContainer& request) { lane(request.id).start(request); }

    void stop(const placement::StopContainer& request) {
        lane(request.id).stop(std::chrono::milliseconds{request.grace_ms});
    }

    void check(placement::CheckContainer request, Checked done) {
        asio::co_spawn(
            site_->executor,
            [site = site_, request = std::move(request), done = std::move(done)]() mutable {
                return answer_check(std::move(site), std::move(request), std::move(done));
            },
            asio::detached);
    }

    [[nodiscard]] const std::shared_ptr<Site>& site() const { return site_; }

    void on_trouble(Trouble tell) {
        tell_trouble_ = std::move(tell);
        if (!site_->trouble.empty()) tell_trouble_(site_->trouble);
    }

    void close() {
        site_->closed = true;
        site_->client.close();
        site_->disk.join();  // What it does ends on the loop.
        site_->link_changed.open();
    }

private:
    Lane& lane(const ContainerId& id) {
        auto& lane = lanes_[id];
        if (!lane) {
            lane = std::make_shared<Lane>(site_, id, [weak = weak_from_this(), id] {
                if (const auto self = weak.lock()) self->lanes_.erase(id);
            });
        }
        return *lane;
    }

    // Subscribe, then list, then act: what happens between the two is seen twice, not missed.
    Awaitable<void> keep() {
        const auto self = shared_from_this();
        while (!site_->closed) {
            const bool ready = co_await connect();
            if (!ready) continue;
            asio::co_spawn(
                site_->executor, [self] { return self->take_stock(); }, asio::detached);
            std::function<void(const Event&)> see = [weak = weak_from_this()](const Event& event) {
                if (const auto keeper = weak.lock()) keeper->saw(event);
            };
            const Error why = co_await site_->client.events(std::move(see));
            if (site_->closed) co_return;
            site_->connected = false;
            trouble(silence(why.detail));
        }
    }

    static Awaitable<void> answer_check(std::shared_ptr<Site> site,
                                        placement::CheckContainer request, Checked done) {
        auto report = co_await run_check(site, std::move(request));
        if (!site->closed) done(std::move(report));
    }

    // Whether it may be used; else why not.
    Awaitable<Result<std::string>> look() {
        const auto version = co_await site_->client.version();
        if (!version) co_return fail(Errc::Unavailable, silence(version.error().detail));
        const auto at = "containerd at " + site_->settings.socket + ": ";
        const auto verdict = api::judge_containerd(*version);
        if (!verdict.usable) co_return fail(Errc::Refused, at + verdict.remark);
        const auto named = co_await site_->client.ensure_namespace();
        if (!named) co_return fail(Errc::Refused, at + named.error().detail);
        if (!verdict.remark.empty()) spdlog::warn("{}", verdict.remark);
        co_return *version;
    }

    Awaitable<bool> connect() {
        const auto version = co_await look();
        if (site_->closed) co_return false;
        if (!version) {
            trouble(version.error().detail);
            co_await pause(site_->executor, kReconnect);
            co_return false;
        }
        spdlog::info("containerd {} at {}, namespace {}", *version, site_->settings.socket,
                     site_->settings.name_space);
        site_->connected = true;
        trouble("");
        site_->link_changed.open();
        co_return true;
    }

    // gRPC names every address it tried and the last reason at the end, which is the one.
    [[nodiscard]] std::string silence(std::string_view detail) const {
        const auto last = detail.find("last error");
        if (last != std::string_view::npos) detail = detail.substr(detail.rfind(": ") + 2);
        return "containerd at " + site_->settings.socket + " does not answer (" +
               std::string{detail} + "); what runs here runs on";
    }

    // Each once. What containerd says may be long, and is shown in tables.
    void trouble(std::string why) {
        if (why.size() > kTroubleMax) why.resize(kTroubleMax);
        if (std::exchange(site_->trouble, why) == why) return;
        if (tell_trouble_) tell_trouble_(why);
    }

    void saw(const Event& event) {
        if (event.kind != Event::Kind::Oom) return;
        for (const auto& [id, lane] : lanes_) {
            if (containerd_id({site_->settings.node, id}) == event.container) lane->saw_oom();
        }
    }

    // What there is in our namespace, against what we know of.
    Awaitable<void> take_stock() {
        const auto self = shared_from_this();
        const auto records = co_await site_->client.containers();
        Result<std::vector<Task>> tasks;
        if (records) {
            tasks = co_await site_->client.tasks();
        } else {
            tasks = fail(records.error());
        }
        if (site_->closed) co_return;
        if (!tasks) {
            // Without a connection keep() comes here again; with one, it has to be asked again.
            spdlog::warn("containerd: {}", tasks.error().detail);
            co_await pause(site_->executor, kReconnect);
            if (site_->connected && !site_->closed) co_await take_stock();
            co_return;
        }
        std::map<std::string, Task> by_id;
        for (const Task& task : *tasks) {
            by_id[task.id] = task;
        }
        std::vector<ContainerReport> all;
        std::vector<ContainerId> over;
        for (const ContainerRecord& record : *records) {
            const auto identity = read_labels(record.labels);
            if (!identity) {
                asio::co_spawn(
                    site_->executor, [self, id = record.id] { return self->evict(id); },
                    asio::detached);
            } else if (identity->node != site_->settings.node) {
                spdlog::warn("{} in namespace {} belongs to node {}; two nodes must not share one",
                             record.id, site_->settings.name_space, to_short(identity->node));
            } else {
                const auto task = by_id.find(record.id);
                auto report =
                    report_of(identity->id, task == by_id.end() ? nullptr : &task->second);
                if (report.state != ContainerState::Running) over.push_back(identity->id);
                report.image_check = oci::check_in_spec(record.spec);
                all.push_back(std::move(report));
            }
        }
        settle(std::move(all), over);
    }

    static ContainerReport report_of(const ContainerId& id, const Task* task) {
        ContainerReport out{.id = id, .state = ContainerState::Running};
        if (task == nullptr || task->state == TaskState::Created) {
            out.state = ContainerState::Gone;
        } else if (task->state == TaskState::Stopped) {
            out.state = ContainerState::Exited;
            out.exit_code = static_cast<std::int32_t>(task->exit_code);
            out.detail = "exited with status " + std::to_string(task->exit_code);
        }
        return out;
    }

    // A container we have a lane for is that lane's own affair.
    void settle(std::vector<ContainerReport> all, const std::vector<ContainerId>& over) {
        std::vector<ContainerId> found;
        std::vector<ContainerId> running;
        for (const ContainerReport& report : all) {
            if (report.state != ContainerState::Running) continue;
            running.push_back(report.id);
            if (lanes_.contains(report.id)) continue;
            lane(report.id).adopt();
            found.push_back(report.id);
        }
        for (const ContainerId& id : over) {
            if (!lanes_.contains(id)) lane(id).sweep();
        }
        if (const auto listed = std::exchange(listed_, nullptr)) {
            if (site_->settings.network.adopt) site_->settings.network.adopt(running);
            std::erase_if(all, [](const auto& one) { return one.state == ContainerState::Gone; });
            answered_ = true;
            listed(std::move(all));
            return;
        }
        if (!answered_) return;  // Nobody has asked yet; the list will tell.
        for (const ContainerId& id : found) {
            site_->say(*std::find_if(all.begin(), all.end(),
                                     [&](const auto& one) { return one.id == id; }));
        }
    }

    // In our namespace and nobody's: nothing will ever ask for it.
    Awaitable<void> evict(std::string id) {
        const auto self = shared_from_this();
        spdlog::warn("container {} in namespace {} has no complete labels; removing it", id,
                     site_->settings.name_space);
        const auto gone = co_await remove(*site_, id);
        if (!gone && !site_->closed) {
            spdlog::warn("container {} cannot be removed: {}", id, gone.error().detail);
        }
    }

    std::shared_ptr<Site> site_;
    std::map<ContainerId, std::shared_ptr<Lane>> lanes_;
    Listed listed_;
    bool answered_ = false;
    Trouble tell_trouble_;
};

ContainerdRuntime::ContainerdRuntime(asio::io_context& loop, Settings settings, Report report)
    : keeper_(
          std::make_shared<Keeper>(loop.get_executor(), std::move(settings), std::move(report))) {
    images_ = std::make_unique<ContainerdImages>(keeper_->site());
    keeper_->begin();
}

ContainerdRuntime::~ContainerdRuntime() {
    keeper_->close();
}

void ContainerdRuntime::list(Listed done) {
    keeper_->list(std::move(done));
}

void ContainerdRuntime::start(const placement::StartContainer& request) {
    keeper_->start(request);
}

std::optional<oci::Usage> ContainerdRuntime::usage(const placement::ContainerId& id) {
    const auto& settings = keeper_->site()->settings;
    return oci::read_usage(cgroups_path_of(settings, containerd_id({settings.node, id})),
                           settings.host);
}

void ContainerdRuntime::check(const placement::CheckContainer& request, Checked done) {
    keeper_->check(request, std::move(done));
}

void ContainerdRuntime::on_trouble(Trouble tell) {
    keeper_->on_trouble(std::move(tell));
}

void ContainerdRuntime::stop(const placement::StopContainer& request) {
    keeper_->stop(request);
}

}  // namespace shoal::host::ctrd
