// `shoal job apply FILE|-`: hands a job to the cluster; with --wait, watches it until it is
// healthy.
#include "cli/apply.h"

#include "cli/explain.h"
#include "cli/files.h"
#include "cli/human.h"
#include "cli/text.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{60'000};
constexpr milliseconds kPollEvery{300};

struct Arguments {
    std::string file{};
    bool wait = false;
    bool if_absent = false;
};

Outcome<Json> read_job(Context& context, const std::string& file) {
    const auto wanted = "apply " + (file == "-" ? "the job on standard input" : file);
    const auto text = file == "-" ? read_all(context.world.in) : read_file(file);
    if (!text) return failed({Exit::Failed, wanted, text.error().detail, {}});
    auto job = parse_json(*text);
    if (!job || !job->is_object()) {
        return failed(
            {Exit::Failed, wanted, "it is not a JSON object", "see docs/api.md, \"Jobs\""});
    }
    if (text_at(*job, "name").empty()) {
        return failed(
            {Exit::Failed, wanted, "the job has no \"name\"", "see docs/api.md, \"Jobs\""});
    }
    return std::move(*job);
}

// How many of the slots are in each state, by state.
std::map<std::string, std::uint64_t> states_of(const Json& job) {
    std::map<std::string, std::uint64_t> out;
    for (const auto& slot : items_at(job, "slots")) {
        ++out[text_at(slot, "state")];
    }
    return out;
}

std::string progress_of(const Json& job) {
    std::vector<std::string> parts;
    for (const auto& [state, count] : states_of(job)) {
        if (state != "healthy") parts.push_back(fmt::format("{} {}", count, state));
    }
    return fmt::format("{} of {} healthy{}", count_at(job, "healthy"),
                       counted(count_at(job, "replicas"), "replica"),
                       parts.empty() ? "" : ": " + join(parts, ", "));
}

// The deadline has come: was it never placed, does it not get well, or is it only slow?
Failure given_up(Context& context, const std::string& name, const Json& job) {
    Failure failure{Exit::TimedOut, "wait until job '" + name + "' is healthy", progress_of(job),
                    "shoal explain " + name + "; the job stays, and goes on"};
    const auto states = states_of(job);
    if (states.contains("unhealthy") || states.contains("failed")) failure.exit = Exit::Unhealthy;
    if (!states.contains("pending")) return failure;
    failure.exit = Exit::NotPlaced;
    const auto why = explanation(context, name);
    if (!why) return failure;
    for (const auto& sentence : pending_sentences(*why)) {
        failure.happened += "\n" + sentence;
    }
    if (context.talkative()) context.world.out << explained(context, *why);
    return failure;
}

Outcome<Exit> wait_until_healthy(Context& context, const std::string& name) {
    const auto deadline = context.world.now() + context.flags.timeout.value_or(kWait);
    std::string last;
    for (;;) {
        const auto answer =
            context.client.call({.wanted = "wait until job '" + name + "' is healthy",
                                 .path = "/v1/jobs/" + url_escaped(name)});
        if (!answer) return failed(answer.error());
        const auto& job = answer->body;
        const auto progress = progress_of(job);
        if (progress != last && context.talkative()) {
            context.world.err << printable(progress) << '\n';
            last = progress;
        }
        if (count_at(job, "healthy") >= count_at(job, "replicas")) return Exit::Ok;
        if (context.world.now() >= deadline || !context.world.pause(kPollEvery)) {
            return failed(given_up(context, name, job));
        }
    }
}

Outcome<Exit> apply(Context& context, const Arguments& arguments) {
    auto job = read_job(context, arguments.file);
    if (!job) return failed(job.error());
    const auto name = text_at(*job, "name");
    Request request{.wanted = "apply job '" + name + "'",
                    .method = "PUT",
                    .path = "/v1/jobs/" + url_escaped(name),
                    .body = std::move(*job)};
    if (arguments.if_absent) request.query.emplace_back("if_absent", "1");
    const auto done =
        send_write(context, std::move(request), name, "job '" + printable(name) + "' accepted");
    if (!done) return failed(done.error());
    if (context.talkative()) {
        context.world.out << fmt::format("next: shoal job inspect {0} · shoal explain {0}\n",
                                         printable(name))
                          << std::flush;
    }
    return arguments.wait ? wait_until_healthy(context, name) : done;
}

}  // namespace

void add_apply_command(Program& program, CLI::App& group) {
    auto arguments = std::make_shared<Arguments>();
    auto& command = program.command(
        group, "apply", "create a job or change it",
        [arguments](Context& context) { return apply(context, *arguments); }, {.acks = true});
    command.add_option("FILE", arguments->file, "the job as JSON ('-': standard input)")
        ->required();
    command.add_flag("--wait", arguments->wait,
                     "until every replica is healthy, at most --timeout (default: 1m)");
    command.add_flag("--if-absent", arguments->if_absent, "refuse to change a job that exists");
}

}  // namespace shoal::cli
