#include "node/host/containerd/lane.h"

#include "node/host/containerd/image_fetch.h"
#include "node/host/containerd/launch.h"
#include "node/host/oci/health.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace shoal::host::ctrd {
namespace {

using placement::ContainerState;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetry{300};
constexpr std::chrono::seconds kRetrySlowly{2};
constexpr std::chrono::seconds kDeath{20};
constexpr std::int32_t kKilled = 128 + SIGKILL;

std::string describe_exit(std::int32_t code) {
    if (code > 128 && code <= 128 + 64) return "killed by signal " + std::to_string(code - 128);
    return "exited with status " + std::to_string(code);
}

}  // namespace

Lane::Lane(std::shared_ptr<Site> site, placement::ContainerId id, std::function<void()> finished)
    : site_(std::move(site)),
      id_(std::move(id)),
      name_(containerd_id({site_->settings.node, id_})),
      finished_(std::move(finished)),
      changed_(site_->executor) {}

void Lane::start(placement::StartContainer request) {
    ask(std::move(request));
}

void Lane::stop(std::chrono::milliseconds grace) {
    // Asked again, it only becomes sooner.
    stop_by_ = std::min(stop_by_, steady_clock::now() + grace);
    changed_.open();
    if (!stop_is_asked()) ask(Stop{});
}

void Lane::adopt() {
    begin_watch();
}

void Lane::sweep() {
    ask(Sweep{});
}

bool Lane::stop_is_asked() const {
    return std::any_of(queue_.begin(), queue_.end(),
                       [](const Work& work) { return std::holds_alternative<Stop>(work); });
}

void Lane::ask(Work work) {
    queue_.push_back(std::move(work));
    if (std::exchange(working_, true)) return;
    asio::co_spawn(
        site_->executor, [self = shared_from_this()]() { return self->work(); }, asio::detached);
}

// What is under way stays at the front of the queue until it is done: a stop that is being carried
// out counts as asked for.
Awaitable<void> Lane::work() {
    const auto self = shared_from_this();
    while (!queue_.empty() && !site_->closed) {
        const Work next = queue_.front();
        if (const auto* request = std::get_if<placement::StartContainer>(&next)) {
            co_await run(*request);
        } else if (const auto* stop = std::get_if<Stop>(&next)) {
            co_await run(*stop);
        } else if (const auto* ended = std::get_if<Ended>(&next)) {
            co_await run(*ended);
        } else {
            co_await run(Sweep{});
        }
        queue_.pop_front();
    }
    working_ = false;
    if (!site_->closed && idle()) finished_();
}

// ---- starting

void Lane::failed_to_start(const std::string& why) {
    site_->say({.id = id_, .state = ContainerState::StartFailed, .detail = why});
}

Awaitable<void> Lane::run(const placement::StartContainer& request) {
    if (running_) {
        const auto runs = co_await running_report();
        site_->say(runs);
        co_return;
    }
    auto give_up_at = steady_clock::now() + site_->settings.start_patience;
    std::string last;
    bool has_image = false;
    for (bool again = false; !site_->closed; again = true) {
        const bool connected = co_await site_->connected_by(give_up_at);
        if (site_->closed || stop_is_asked()) co_return;  // The stop will answer.
        if (!connected || steady_clock::now() >= give_up_at) {
            failed_to_start(!site_->trouble.empty()
                                ? site_->trouble
                                : "containerd at " + site_->settings.socket + ": " +
                                      (last.empty() ? "does not answer" : last));
            co_return;
        }
        Result<void> started;
        if (!std::exchange(has_image, true)) {
            started = co_await fetch_image(request.container.image);
            has_image = started.has_value();
            if (has_image) give_up_at = steady_clock::now() + site_->settings.start_patience;
        }
        if (started) started = co_await try_start(request, again);
        if (site_->closed) co_return;
        if (started) {
            begin_watch();
            const auto runs = co_await running_report();
            site_->say(runs);
            co_return;
        }
        last = started.error().detail;
        if (!may_pass(started.error())) break;
        co_await pause(site_->executor, kRetry);
    }
    failed_to_start(last);
    co_await remove_for_good();
}

// With the check its image brings, which containerd has kept for us.
Awaitable<placement::ContainerReport> Lane::running_report() {
    placement::ContainerReport out{.id = id_, .state = ContainerState::Running};
    while (!site_->closed) {
        const auto record = co_await site_->client.container(name_);
        if (record) out.image_check = oci::check_in_spec(record->spec);
        if (record || !may_pass(record.error())) break;
        co_await pause(site_->executor, kRetry);
    }
    co_return out;
}

// Takes as long as it takes; a start's patience is for containerd alone.
Awaitable<Result<void>> Lane::fetch_image(std::string name) {
    FetchTalk talk;
    talk.wanted = [this] { return !site_->closed && !stop_is_asked(); };
    talk.begins = [this, what = "fetching image " + name.substr(0, name.find('@'))] {
        site_->say({.id = id_, .state = ContainerState::Pulling, .detail = what});
    };
    const auto done = co_await ensure_image(*site_, std::move(name), std::move(talk));
    co_return done;
}

// A call that failed for want of an answer may have been carried out all the same.
Awaitable<Result<void>> Lane::try_start(const placement::StartContainer& request, bool again) {
    const auto place = co_await site_->starts.enter();
    if (stop_is_asked()) co_return fail(Errc::Unavailable, "to be stopped");
    const auto task = co_await site_->client.task(name_);
    if (task) {
        const bool runs = task->state == TaskState::Running || task->state == TaskState::Paused;
        if (runs || (again && task->state == TaskState::Stopped)) co_return Result<void>{};
    } else if (task.error().code != Errc::NotFound) {
        co_return fail(task.error());
    }
    const auto cleared = co_await remove(*site_, name_);
    if (!cleared) co_return fail(cleared.error());
    oom_ = false;
    const auto launched = co_await launch(*site_, request);
    co_return launched;
}

// ---- the end

void Lane::begin_watch() {
    running_ = true;
    end_.reset();
    asio::co_spawn(
        site_->executor, [self = shared_from_this()]() { return self->watch(); }, asio::detached);
}

// Waits for the end of the program, however often containerd goes and comes meanwhile.
Awaitable<void> Lane::watch() {
    const auto self = shared_from_this();
    std::optional<End> end;
    while (!end && !site_->closed) {
        const bool connected = co_await site_->connected_by(Moment::max());
        if (!connected) continue;
        const auto code = co_await site_->client.wait_task(name_, std::chrono::milliseconds{0});
        if (code) {
            end = End{static_cast<std::int32_t>(*code), ""};
        } else if (!site_->closed) {
            end = co_await ask_how_it_ended();
        }
    }
    if (site_->closed) co_return;
    end_ = std::move(end);
    running_ = false;
    changed_.open();
    ask(Ended{});
}

// The wait broke. That alone says nothing of the container.
Awaitable<std::optional<Lane::End>> Lane::ask_how_it_ended() {
    const auto task = co_await site_->client.task(name_);
    if (task && task->state == TaskState::Stopped) {
        co_return End{static_cast<std::int32_t>(task->exit_code), ""};
    }
    if (!task && task.error().code == Errc::NotFound) {
        co_return End{kKilled, "ended together with the shim that watched over it"};
    }
    co_await pause(site_->executor, kRetry);
    co_return std::nullopt;
}

placement::ContainerReport Lane::exit_report() const {
    const End end = end_.value_or(End{});
    auto detail = end.detail.empty() ? describe_exit(end.code) : end.detail;
    if (oom_) detail = "out of memory: " + detail;
    return {.id = id_,
            .state = ContainerState::Exited,
            .exit_code = end.code,
            .detail = std::move(detail)};
}

Awaitable<void> Lane::run(const Ended& /*ended*/) {
    if (!end_) co_return;  // A stop saw it first.
    const auto usage = co_await site_->client.usage(name_);
    if (usage && usage->oom_kills > 0) oom_ = true;
    const auto report = exit_report();
    end_.reset();
    site_->say(report);
    co_await remove_for_good();
}

// ---- stopping

Awaitable<void> Lane::run(const Stop& /*stop*/) {
    const bool ran = running_ || end_.has_value();
    while (running_ && !site_->closed) {
        const bool ended = co_await end_it();
        if (!ended && !site_->closed) co_await pause(site_->executor, kRetry);
    }
    for (;;) {
        if (site_->closed) co_return;
        const auto gone = co_await remove(*site_, name_);
        if (gone) break;
        if (site_->closed) co_return;
        spdlog::warn("{} cannot be removed yet: {}", to_string(id_.slot), gone.error().detail);
        co_await pause(site_->executor, kRetrySlowly);
        (void)co_await site_->connected_by(Moment::max());
    }
    auto report = exit_report();
    if (!ran) report = {.id = id_, .state = ContainerState::Gone};
    end_.reset();
    stop_by_ = Moment::max();
    if (site_->settings.network.detach) site_->settings.network.detach(id_);
    site_->say(report);
}

// First politely, then not. False: ask again.
Awaitable<bool> Lane::end_it() {
    const bool connected = co_await site_->connected_by(Moment::max());
    if (!connected) co_return !running_;
    const int polite = co_await stop_signal(*site_, name_);
    const auto asked = co_await site_->client.kill_task(name_, polite, false);
    if (!asked && may_pass(asked.error())) co_return !running_;
    while (running_ && !site_->closed && steady_clock::now() < stop_by_) {
        co_await changed_.wait_until(stop_by_);
    }
    if (!running_ || site_->closed) co_return true;
    const auto killed = co_await site_->client.kill_task(name_, SIGKILL, true);
    if (!killed && may_pass(killed.error())) co_return !running_;
    const auto end = steady_clock::now() + kDeath;
    while (running_ && !site_->closed && steady_clock::now() < end) {
        co_await changed_.wait_until(end);
    }
    co_return !running_;
}

// ---- removing

Awaitable<void> Lane::run(const Sweep& /*sweep*/) {
    if (!running_) co_await remove_for_good();
}

// Tried once: what stays is found by the next start, stop or connection.
Awaitable<void> Lane::remove_for_good() {
    const auto gone = co_await remove(*site_, name_);
    if (site_->closed) co_return;
    if (!gone) spdlog::warn("remains of {}: {}", to_string(id_.slot), gone.error().detail);
    if (site_->settings.network.detach) site_->settings.network.detach(id_);
}

}  // namespace shoal::host::ctrd
