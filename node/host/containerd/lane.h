// The life of one container: what was asked of it is done in that order, one thing at a time.
//
// Work is asked for by start() and stop(); that the program ended is one more piece of work, so a
// restart never overtakes the removal of what it replaces. A lane with nothing to do whose
// container does not run is finished and can be forgotten.
#pragma once

#include "node/host/containerd/gate.h"
#include "node/host/containerd/site.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace shoal::host::ctrd {

class Lane : public std::enable_shared_from_this<Lane> {
public:
    // `finished` is called whenever the lane has nothing left to do and may be dropped.
    Lane(std::shared_ptr<Site> site, placement::ContainerId id, std::function<void()> finished);

    void start(placement::StartContainer request);
    void stop(std::chrono::milliseconds grace);
    // It runs already; what is asked for next finds it running.
    void adopt();
    // It is over, or never began; only its remains are to go. Reports nothing.
    void sweep();

    void saw_oom() { oom_ = true; }

    [[nodiscard]] bool idle() const { return !working_ && !running_; }

private:
    struct Stop {};

    struct Ended {};

    struct Sweep {};

    using Work = std::variant<placement::StartContainer, Stop, Ended, Sweep>;

    struct End {
        std::int32_t code = 0;
        std::string detail{};  // why, if the code alone does not say it
    };

    void ask(Work work);
    Awaitable<void> work();
    Awaitable<void> run(const placement::StartContainer& request);
    Awaitable<void> run(const Stop& stop);
    Awaitable<void> run(const Ended& ended);
    Awaitable<void> run(const Sweep& sweep);

    Awaitable<Result<void>> fetch_image(std::string name);
    Awaitable<Result<void>> try_start(const placement::StartContainer& request, bool again);
    Awaitable<bool> end_it();
    Awaitable<void> watch();
    Awaitable<std::optional<End>> ask_how_it_ended();
    Awaitable<void> remove_for_good();
    [[nodiscard]] bool stop_is_asked() const;
    void begin_watch();
    Awaitable<placement::ContainerReport> running_report();
    void failed_to_start(const std::string& why);
    [[nodiscard]] placement::ContainerReport exit_report() const;

    std::shared_ptr<Site> site_;
    placement::ContainerId id_;
    std::string name_;  // in containerd
    std::function<void()> finished_;
    std::deque<Work> queue_;
    bool working_ = false;
    bool running_ = false;
    bool oom_ = false;
    std::optional<End> end_;  // of the last one that ran here
    Gate changed_;            // it ended, or is to be stopped sooner
    Moment stop_by_ = Moment::max();
};

}  // namespace shoal::host::ctrd
