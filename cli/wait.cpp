#include "cli/wait.h"

#include "cli/human.h"
#include "cli/log_line.h"
#include "cli/log_nodes.h"
#include "cli/progress.h"
#include "cli/reasons.h"
#include "cli/replicas.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;
using Stage = Settling::Stage;

constexpr milliseconds kWait{300'000};  // an image may have to come first
constexpr milliseconds kPollEvery{300};
constexpr milliseconds kExplainAfter{2'000};  // placing takes a moment, and that is no news
constexpr milliseconds kHopeless{10'000};     // waiting that long while no node bids
constexpr std::uint64_t kLastWords = 10;      // lines of a replica that crashes
constexpr milliseconds kSilenceMax{10'000};   // an agent that restarts is back by then

class Waiting {
public:
    Waiting(Context& context, std::vector<Awaited> awaited, Ending ending)
        : context_(context),
          awaited_(std::move(awaited)),
          ending_(ending),
          settling_(awaited_),
          progress_(context),
          reasons_(context),
          jobs_(awaited_.size()) {}

    Outcome<Exit> run() {
        const auto deadline = now() + context_.flags.timeout.value_or(kWait);
        for (;;) {
            if (auto polled = poll(); !polled) return failed(polled.error());
            if (settling_.stage() == Stage::Settled) return Exit::Ok;
            if (settling_.stage() == Stage::Crashing) return failed(crashing());
            look_into_pending();
            if (is_hopeless()) return failed(not_placed());
            if (now() >= deadline) return failed(too_late());
            if (!context_.world.pause(kPollEvery)) return interrupted();
        }
    }

    [[nodiscard]] const std::vector<Json>& jobs() const { return jobs_; }

    [[nodiscard]] const Reasons& reasons() const { return reasons_; }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& one : awaited_) {
            out.push_back(one.name);
        }
        return out;
    }

private:
    [[nodiscard]] milliseconds now() const { return context_.world.now(); }

    [[nodiscard]] std::string names(std::string_view separator) const {
        return join(names(), separator);
    }

    [[nodiscard]] std::string wanted() const { return "get " + names(", ") + " healthy"; }

    // The first that is not as it should be: what there is to explain.
    [[nodiscard]] const std::string& lacking() const {
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            const auto slots = slots_of(jobs_[i]);
            if (!std::all_of(slots.begin(), slots.end(), is_well)) return awaited_[i].name;
        }
        return awaited_.front().name;
    }

    // What ends it all.
    [[nodiscard]] std::string removal() const {
        if (ending_ != Ending::Project) return "shoal rm " + names(" ");
        const auto& name = awaited_.front().name;
        return "shoal down -p " + name.substr(0, name.find('/'));
    }

    [[nodiscard]] std::string hint() const {
        return fmt::format("shoal explain {}; it stays and goes on, until '{}'", lacking(),
                           removal());
    }

    // False: no node says anything of it, which may pass.
    Outcome<bool> ask(const Awaited& one, Json& job) {
        auto answer =
            context_.client.call({.wanted = wanted(), .path = "/v1/jobs/" + url_escaped(one.name)});
        if (answer) {
            job = std::move(answer->body);
            return true;
        }
        const auto& failure = answer.error();
        const bool away = failure.exit == Exit::Unreachable || failure.exit == Exit::TimedOut;
        if (!silent_since_) {
            silent_since_ = now();
            if (away) progress_.say(failure.happened + "; still waiting");
        }
        // A node asked instead may not have heard of the job yet; one that had was told of its end.
        const bool unknown = failure.exit == Exit::Failed && job.is_null();
        if ((away || unknown) && now() - *silent_since_ < kSilenceMax) return false;
        return failed(failure);
    }

    Outcome<void> poll() {
        bool all = true;
        for (std::size_t i = 0; i < awaited_.size(); ++i) {
            const auto told = ask(awaited_[i], jobs_[i]);
            if (!told) return failed(told.error());
            all = all && *told;
        }
        if (!all) return {};
        silent_since_.reset();
        settling_.observe(now(), jobs_);
        if (!settling_.pending_since()) reasons_.forget();
        show();
        return {};
    }

    void show() {
        std::vector<Progress::Line> lines;
        std::uint64_t well = 0;
        std::uint64_t all = 0;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            all += count_at(jobs_[i], "replicas");
            for (const auto& slot : items_at(jobs_[i], "slots")) {
                if (is_well(slot)) ++well;
                lines.push_back(progress_line(awaited_[i].name, slot,
                                              reasons_.sentence(awaited_[i].name, slot)));
            }
        }
        const bool steady = settling_.stage() == Stage::Steady;
        progress_.show(fmt::format("{}: {} of {} healthy{}", names(", "), well,
                                   counted(all, "replica"), steady ? "; making sure for 5 s" : ""),
                       steady ? Progress::Summary::Remark : Progress::Summary::Passing, lines);
    }

    void look_into_pending() {
        const auto since = settling_.pending_since();
        if (!since || now() - *since < kExplainAfter) return;
        reasons_.refresh(jobs_);
        show();
    }

    // A node may still join or free something, so whoever gave a time is left to hope that long.
    [[nodiscard]] bool is_hopeless() const {
        const auto since = settling_.pending_since();
        return !context_.flags.timeout && since && now() - *since >= kHopeless &&
               reasons_.nobody_bids();
    }

    // "web: 1 of 2 replicas healthy" and a line for each that is not.
    [[nodiscard]] std::string state_of_things() const {
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            lines.push_back(fmt::format("{}: {} of {} healthy", awaited_[i].name,
                                        count_at(jobs_[i], "healthy"),
                                        counted(count_at(jobs_[i], "replicas"), "replica")));
            for (const auto& slot : items_at(jobs_[i], "slots")) {
                if (is_well(slot)) continue;
                const auto line = progress_line(awaited_[i].name, slot,
                                                reasons_.sentence(awaited_[i].name, slot));
                lines.push_back(line.name + " " + line.text);
            }
        }
        return join(lines, "\n");
    }

    Failure crashing() {
        const auto& name = settling_.crashing();
        return {Exit::Unhealthy, wanted(),
                name + " crashes again and again\n" + state_of_things() + last_words(name),
                fmt::format("shoal logs {0}; {1}", name, hint())};
    }

    // What the crashing replica wrote last, a line each.
    [[nodiscard]] std::string last_words(const std::string& name) const {
        std::string out;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            for (const auto& slot : items_at(jobs_[i], "slots")) {
                if (slot_name(awaited_[i].name, slot) != name) continue;
                const LogWish wish{awaited_[i].name, count_at(slot, "index"), kLastWords, {}};
                for (const auto& line : last_log_lines(context_, wish, text_at(slot, "node"))) {
                    out += fmt::format("\n  {} {}", line.stream == "stderr" ? '!' : '|',
                                       tame(line.text));
                }
            }
        }
        return out;
    }

    Failure not_placed() { return {Exit::NotPlaced, wanted(), state_of_things(), hint()}; }

    // Was it never placed, does it not get well, or is it only slow?
    Failure too_late() {
        if (settling_.pending_since()) {
            reasons_.ask(jobs_);
            return not_placed();
        }
        Failure failure{Exit::TimedOut, wanted(), state_of_things(), hint()};
        for (const auto& job : jobs_) {
            for (const auto& slot : items_at(job, "slots")) {
                const auto state = text_at(slot, "state");
                if (state == "unhealthy" || state == "failed") failure.exit = Exit::Unhealthy;
            }
        }
        return failure;
    }

    Exit interrupted() {
        progress_.say(
            fmt::format("stopped waiting; {} goes on. To look: shoal ps {}. To end it: {}",
                        names(" "), lacking(), removal()));
        return Exit::Interrupted;
    }

    Context& context_;
    std::vector<Awaited> awaited_;
    Ending ending_;
    Settling settling_;
    Progress progress_;
    Reasons reasons_;
    std::vector<Json> jobs_;
    std::optional<milliseconds> silent_since_{};
};

void show_jobs(Context& context, const Waiting& waiting, Ending ending) {
    if (ending == Ending::Remarks && !context.talkative()) return;
    std::vector<Json> slots;
    for (const auto& job : waiting.jobs()) {
        for (auto& slot : slots_of(job)) {
            slots.push_back(std::move(slot));
        }
    }
    const auto& jobs = waiting.jobs();
    View view{ending == Ending::One ? jobs.front() : Json(jobs),
              waiting.names(),
              replica_table(context, slots) + waiting.reasons().tables(),
              {}};
    print(view, context.flags.shape, context.world.out);
}

}  // namespace

Outcome<Exit> wait_until_settled(Context& context, const std::vector<Awaited>& jobs,
                                 Ending ending) {
    if (context.world.heed_interrupt) context.world.heed_interrupt();
    Waiting waiting{context, jobs, ending};
    auto verdict = waiting.run();
    show_jobs(context, waiting, ending);
    if (verdict && *verdict == Exit::Ok && context.talkative() && ending != Ending::Project) {
        const auto name = printable(jobs.front().name);
        context.world.out << fmt::format(
            "next: shoal ps {0} · shoal logs {0} · shoal explain {0} · shoal rm {0}\n", name);
    }
    return verdict;
}

}  // namespace shoal::cli
