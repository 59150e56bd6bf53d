#include "cli/run_once.h"

#include "cli/job.h"
#include "cli/log_line.h"
#include "cli/log_nodes.h"
#include "cli/reasons.h"
#include "cli/settling.h"
#include "cli/text.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollEvery{300};
constexpr milliseconds kExplainAfter{2'000};
constexpr milliseconds kHopeless{10'000};    // waiting that long while no node bids
constexpr milliseconds kSilenceMax{10'000};  // an agent that restarts is back by then

class RunToEnd {
public:
    RunToEnd(Context& context, std::string name)
        : context_(context),
          name_(std::move(name)),
          nodes_(context, {.job = name_}, Until::Stopped),
          printer_(context, LogPrinter::Times::Off),
          reasons_(context) {}

    Outcome<Exit> run() {
        auto end = wait_for_end();
        show_rest();
        remove();
        return end;
    }

private:
    [[nodiscard]] milliseconds now() const { return context_.world.now(); }

    [[nodiscard]] std::string wanted() const { return "run '" + name_ + "' to its end"; }

    Outcome<Exit> wait_for_end() {
        const auto begun = now();
        for (;;) {
            if (auto polled = poll(); !polled) return failed(polled.error());
            show_written();
            if (is_over()) return verdict();
            if (is_hopeless(begun)) {
                return failed(
                    {Exit::NotPlaced, wanted(), "no node takes it\n" + reasons_.tables(), {}});
            }
            if (context_.flags.timeout && now() - begun >= *context_.flags.timeout) {
                return failed({Exit::TimedOut, wanted(), "it has not ended in time", {}});
            }
            if (!context_.world.pause(kPollEvery)) return Exit::Interrupted;
        }
    }

    // Nobody answering may pass.
    Outcome<void> poll() {
        auto answer = context_.client.call({.wanted = wanted(), .path = job_path(name_)});
        if (answer) {
            job_ = std::move(answer->body);
            silent_since_.reset();
            return {};
        }
        if (!silent_since_) silent_since_ = now();
        const bool known = !job_.is_null();
        const bool gone = known && answer.error().exit == Exit::Failed;
        if (!gone && now() - *silent_since_ < kSilenceMax) return {};
        return failed(answer.error());
    }

    // Failed without a status: it never started here, and may elsewhere in a moment.
    [[nodiscard]] bool has_ended(const Json& slot) {
        const auto state = text_at(slot, "state");
        if (state == "complete") return true;
        if (state != "failed") return false;
        if (count_at(slot, "exit_code") != 0) return true;
        if (!failed_since_) failed_since_ = now();
        return now() - *failed_since_ >= Settling::kGivenUp;
    }

    [[nodiscard]] bool is_over() {
        const auto& slots = items_at(job_, "slots");
        return !slots.empty() && slots.size() >= count_at(job_, "replicas") &&
               std::all_of(slots.begin(), slots.end(),
                           [this](const Json& slot) { return has_ended(slot); });
    }

    [[nodiscard]] bool is_hopeless(milliseconds begun) {
        const auto& slots = items_at(job_, "slots");
        const bool waits = std::any_of(slots.begin(), slots.end(), [](const Json& slot) {
            return text_at(slot, "state") == "pending";
        });
        if (!waits || context_.flags.timeout || now() - begun < kExplainAfter) return false;
        reasons_.refresh({job_});
        return now() - begun >= kHopeless && reasons_.nobody_bids();
    }

    // The worst of all replicas'.
    Outcome<Exit> verdict() {
        std::uint64_t worst = 0;
        for (const auto& slot : items_at(job_, "slots")) {
            const auto code = count_at(slot, "exit_code");
            worst = std::max(worst, code);
            if (text_at(slot, "state") != "failed") continue;
            const auto& detail = text_at(slot, "detail");
            if (code == 0) {
                return failed(
                    {Exit::Unhealthy, wanted(), slot_name(name_, slot) + ": " + detail, {}});
            }
            if (context_.talkative()) {
                context_.world.err
                    << fmt::format("{} ended on {}: {}\n", slot_name(name_, slot),
                                   printable(text_at(slot, "node")), printable(detail));
            }
        }
        return static_cast<Exit>(std::min<std::uint64_t>(worst, 255));
    }

    // One replica's words are passed on as they are, to where they belong.
    void print(const LogLine& line) {
        const bool alone = count_at(job_, "replicas") <= 1;
        if (!alone || !context_.talkative()) {
            printer_.print(line);
            return;
        }
        const bool is_error = line.stream == "stderr";
        auto& stream = is_error ? context_.world.err : context_.world.out;
        const bool terminal =
            is_error ? context_.world.err_is_terminal : context_.world.out_is_terminal;
        stream << (terminal ? tame(line.text) : line.text) << '\n';
    }

    // False: there was nothing.
    bool show_written() {
        if (const auto found = nodes_.discover(); !found) return false;
        nodes_.ask_all();
        bool any = false;
        while (const auto line = nodes_.take()) {
            print(*line);
            any = true;
        }
        context_.world.out.flush();
        return any;
    }

    // The last words may come to their file a moment after the end.
    void show_rest() {
        if (job_.is_null()) return;
        while (context_.world.pause(kPollEvery) && show_written()) {
        }
    }

    void remove() {
        if (const auto gone = write(context_, removal_request(name_)); !gone) {
            warn(context_, fmt::format("job '{0}' is not removed: {1}; later: shoal rm {0}",
                                       printable(name_), gone.error().happened));
        }
    }

    Context& context_;
    std::string name_;
    LogNodes nodes_;
    LogPrinter printer_;
    Reasons reasons_;
    Json job_{};
    std::optional<milliseconds> silent_since_{};
    std::optional<milliseconds> failed_since_{};
};

}  // namespace

Outcome<Exit> run_to_its_end(Context& context, const std::string& name) {
    if (context.world.heed_interrupt) context.world.heed_interrupt();
    return RunToEnd{context, name}.run();
}

}  // namespace shoal::cli
