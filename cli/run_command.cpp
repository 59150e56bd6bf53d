// `shoal run IMAGE [CMD...]`: a job from the command line, waited for.
//
// It only ever makes a new job: what exists is changed by `job apply` and `scale`. A name not given
// is made from the image and the submission's id, so that a retry at another node names the same.
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/run_job.h"
#include "cli/run_once.h"
#include "cli/text.h"
#include "cli/wait.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

namespace shoal::cli {
namespace {

constexpr int kNamesMax = 3;  // tries, when a made-up name is taken

struct Made {
    std::string name{};
    Json answer{};
};

Outcome<Json> create(Context& context, Json job, const std::string& name, const std::string& id) {
    job["name"] = name;
    return write(context, {.wanted = "run job '" + name + "'",
                           .method = "PUT",
                           .path = job_path(name),
                           .query = {{"if_absent", "1"}, {"submission", id}},
                           .body = std::move(job)});
}

Outcome<Made> create(Context& context, const RunWords& words, const Json& job) {
    for (int left = kNamesMax;; --left) {
        const auto id = words.submission.empty() ? context.world.draw_id() : words.submission;
        auto name = words.name.empty() ? derived_name(words.image, id) : words.name;
        auto answer = create(context, job, name, id);
        if (answer) return Made{std::move(name), std::move(*answer)};
        auto failure = answer.error();
        if (failure.exit != Exit::Conflict) return failed(std::move(failure));
        const bool try_another = words.name.empty() && words.submission.empty() && left > 1;
        if (try_another) continue;
        failure.hint = fmt::format(
            "another --name; or 'shoal rm {0}' first; 'shoal inspect {0}' shows what is there",
            name);
        return failed(std::move(failure));
    }
}

bool is_submission(const std::string& text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Outcome<Exit> run_job(Context& context, const RunWords& words) {
    if (!words.submission.empty() && !is_submission(words.submission)) {
        return failed({Exit::Usage, "run this", "--submission: expected 32 hex digits", {}});
    }
    if (words.remove && (words.detach || !(words.restart.empty() || words.restart == "never"))) {
        return failed(
            {Exit::Usage, "run this",
             fmt::format("--rm and {} exclude one another",
                         words.detach ? "-d" : "--restart " + words.restart),
             "--rm alone: it waits for the end, shows what is written, and removes the job"});
    }
    const auto job = job_of(words, context.world);
    if (!job) return failed(job.error());
    const auto made = create(context, words, *job);
    if (!made) return failed(made.error());
    const auto sentence = fmt::format("job '{}' accepted", printable(made->name));
    if (words.detach) {
        show_written(context, made->answer, made->name, sentence);
        if (context.talkative()) {
            context.world.out << fmt::format(
                "next: shoal ps {0} · shoal logs {0} · shoal explain {0}\n", printable(made->name));
        }
        return Exit::Ok;
    }
    if (context.talkative() && !words.remove) {
        context.world.err << sentence << ": " << written(made->answer) << std::endl;
    }
    if (words.remove) return run_to_its_end(context, made->name);
    return wait_until_settled(context, {{made->name, count_at(made->answer, "generation")}},
                              Ending::One);
}

void add_options(CLI::App& command, RunWords& words) {
    // One value a flag, so that the image after it is not taken for another.
    const auto add = [&command](const char* flag, auto& value, const char* help, const char* type) {
        return command.add_option(flag, value, help)->type_name(type)->allow_extra_args(false);
    };
    add("--name", words.name, "default: made from the image's", "NAME");
    auto* replicas = add("--replicas", words.replicas, "how many (default: 1)", "N");
    command.add_flag("--global", words.global, "one on each node, also on those that join later")
        ->excludes(replicas);
    add("-p,--publish", words.publish, "a port of the host; repeatable",
        "[IP:]HOST:CONTAINER[/udp]");
    add("-e,--env", words.environment, "a variable; K alone as it is set here; repeatable", "K=V");
    add("--env-file", words.environment_files, "variables, one a line; repeatable", "FILE");
    add("--cpus", words.cpus, "cores it is promised: 2, 0.5, 500m", "CPUS");
    add("--memory", words.memory, "memory it is promised: 64MiB, 2GiB", "SIZE");
    add("--label", words.labels, "of the containers; repeatable", "K=V");
    add("--constraint", words.constraints,
        "'node.labels.disk == ssd', 'node.zone != west'; repeatable", "TEXT");
    add("--restart", words.restart, "always (default), on-failure or never", "POLICY")
        ->check(CLI::IsMember({"always", "on-failure", "never"}));
    add("--submission", words.submission, "32 hex digits; sent again, it is the same run", "ID");
    command.add_flag("--init", words.init,
                     "a small process 1 that passes signals on and reaps orphans");
    command.add_flag("--rm", words.remove,
                     "run it once: show what it writes, exit as it does, and remove the job");
    command.add_flag("-d,--detach", words.detach, "do not wait until it is healthy");
}

}  // namespace

void add_run_command(Program& program) {
    auto words = std::make_shared<RunWords>();
    auto& command = program.command(program.root(), "run",
                                    "run an image as a new job, and wait until it is healthy",
                                    [words](Context& context) {
                                        words->command = context.tail;
                                        return run_job(context, *words);
                                    },
                                    {.acks = true, .tail = true});
    command.add_option("IMAGE", words->image, "what to run")->required();
    // Named for the help alone: these words are cut off before (cli/tail.h).
    command.add_option("CMD", words->command,
                       "its command and arguments, after all flags of shoal");
    add_options(command, *words);
}

}  // namespace shoal::cli
