// `shoal logs NAME[.N]`: what replicas have written, wherever they run or ran, in the order of
// time.
//
// Nodes that cannot be asked are named on standard error and do not end it: their lines come when
// they are back. A job that is no more has logs as long as some node keeps them.
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/human.h"
#include "cli/job.h"
#include "cli/log_line.h"
#include "cli/log_nodes.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollEvery{400};  // while several nodes are followed
// For nodes that come and go; also as long as one alone may take until it has something new.
constexpr milliseconds kLookAroundEvery{2'000};
constexpr std::uint64_t kTailMax = 10'000;

struct Words {
    std::string name{};
    std::string tail{};
    std::string since{};
    bool follow = false;
    bool timestamps = false;
};

Failure usage(const std::string& happened, const std::string& hint) {
    return {Exit::Usage, "read logs", happened, hint};
}

// "10m" before now, or a moment of the calendar.
std::optional<std::int64_t> parse_since(std::string text, WallTime now) {
    if (const auto ago = parse_duration(text))
        return std::max<std::int64_t>(0, now.ms - ago->count());
    constexpr std::size_t kWithoutMs = 20;
    if (text.size() == kWithoutMs && text.back() == 'Z') text.insert(kWithoutMs - 1, ".000");
    const auto time = parse_time(text);
    if (!time || time->ms < 0) return std::nullopt;
    return time->ms;
}

Outcome<LogWish> wish_of(const Words& words, Context& context) {
    const auto replica = replica_word(words.name);
    LogWish wish{.job = replica.job, .slot = replica.slot};
    if (!replica.node.empty()) {
        const auto found = find_replica(context, replica, "read logs");
        if (!found) return failed(found.error());
        wish.slot = count_at(*found, "index");
    }
    if (!words.tail.empty() && words.tail != "all") {
        wish.tail = parse_number(words.tail);
        if (!wish.tail || *wish.tail > kTailMax) {
            return failed(usage("--tail " + words.tail + ": not a number of lines",
                                "--tail 100; at most 10000, or all"));
        }
    }
    if (!words.since.empty()) {
        wish.since_ms = parse_since(words.since, context.world.wall());
        if (!wish.since_ms) {
            return failed(usage("--since " + words.since + ": neither a duration nor a time",
                                "--since 10m, or --since 2026-01-31T10:00:00Z"));
        }
    }
    return wish;
}

class Logs {
public:
    Logs(Context& context, const LogWish& wish, Until until, LogPrinter::Times times)
        : context_(context), wish_(wish), nodes_(context, wish, until), printer_(context, times) {}

    Outcome<Exit> show() {
        if (auto found = nodes_.discover(); !found) return failed(found.error());
        nodes_.ask_all();
        if (!nodes_.anything()) {
            if (auto known = exists(); !known) return failed(known.error());
        }
        print_last();
        return Exit::Ok;
    }

    // Until somebody stops it. Whatever goes away meanwhile may come back.
    Exit follow() {
        auto look_around_at = context_.world.now() + kLookAroundEvery;
        bool quiet = false;
        while (context_.world.pause(nodes_.has_waited() ? milliseconds{0} : kPollEvery)) {
            const auto now = context_.world.now();
            // Waiting in vain at one node is as good as time that has passed.
            if (now >= look_around_at || (quiet && nodes_.has_waited())) {
                look_around();
                look_around_at = now + kLookAroundEvery;
            }
            if (!reachable_) continue;
            nodes_.ask_all(kLookAroundEvery);
            quiet = !print_all();
        }
        return Exit::Ok;
    }

private:
    // Nobody has anything of it: is that because there is no such job?
    Outcome<void> exists() {
        const auto job = context_.client.call(
            {.wanted = "read the logs of '" + wish_.job + "'", .path = job_path(wish_.job)});
        if (job) {
            if (context_.talkative()) {
                context_.world.err << printable(wish_.job) << " has not written anything yet\n";
            }
            return {};
        }
        auto failure = job.error();
        if (failure.exit == Exit::Failed) {
            failure.hint = "shoal ls lists the jobs; of one that was removed, logs stay 7 days";
        }
        return failed(std::move(failure));
    }

    void look_around() {
        const auto found = nodes_.discover();
        if (!found && reachable_) cli::print(found.error(), context_.world.err);
        reachable_ = found.has_value();
    }

    // False: there was nothing.
    bool print_all() {
        bool any = false;
        while (const auto line = nodes_.take()) {
            printer_.print(*line);
            any = true;
        }
        context_.world.out.flush();
        return any;
    }

    // Each node gave its own last ones; of these, the last.
    void print_last() {
        if (!wish_.tail) {
            print_all();
            return;
        }
        std::deque<LogLine> last;
        while (auto line = nodes_.take()) {
            last.push_back(std::move(*line));
            if (last.size() > *wish_.tail) last.pop_front();
        }
        for (const auto& line : last) {
            printer_.print(line);
        }
        context_.world.out.flush();
    }

    Context& context_;
    LogWish wish_;
    LogNodes nodes_;
    LogPrinter printer_;
    bool reachable_ = true;  // somebody answers at all
};

Outcome<Exit> show_logs(Context& context, const Words& words) {
    const auto wish = wish_of(words, context);
    if (!wish) return failed(wish.error());
    const auto times = words.timestamps ? LogPrinter::Times::On : LogPrinter::Times::Off;
    Logs logs{context, *wish, words.follow ? Until::Stopped : Until::Now, times};
    auto shown = logs.show();
    if (!shown || !words.follow) return shown;
    return logs.follow();
}

}  // namespace

void add_logs_command(Program& program) {
    auto words = std::make_shared<Words>();
    auto& command =
        program.command(program.root(), "logs",
                        "what replicas have written, on all nodes, also those that are gone",
                        [words](Context& context) { return show_logs(context, *words); },
                        {.objects = Objects::Jobs});
    command.add_option("NAME[.N]", words->name, "the job, or one of its replicas")->required();
    command.add_flag("-f,--follow", words->follow, "go on with what is written next");
    command.add_option("-n,--tail", words->tail, "only the last lines: 100 (default: all)")
        ->type_name("N");
    command.add_option("--since", words->since, "only what is newer: 10m, 2026-01-31T10:00:00Z")
        ->type_name("TIME");
    command.add_flag("--timestamps", words->timestamps, "say when, right to about a second");
}

}  // namespace shoal::cli
