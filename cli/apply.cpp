// `shoal job apply FILE|-`: hands a job to the cluster; with --wait, watches it until it is
// healthy.
#include "cli/apply.h"

#include "cli/files.h"
#include "cli/job.h"
#include "cli/text.h"
#include "cli/wait.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <memory>

namespace shoal::cli {
namespace {

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

Outcome<Exit> apply(Context& context, const Arguments& arguments) {
    auto job = read_job(context, arguments.file);
    if (!job) return failed(job.error());
    const auto name = text_at(*job, "name");
    Request request{.wanted = "apply job '" + name + "'",
                    .method = "PUT",
                    .path = job_path(name),
                    .body = std::move(*job)};
    if (arguments.if_absent) request.query.emplace_back("if_absent", "1");
    const auto done = write(context, std::move(request));
    if (!done) return failed(done.error());
    show_written(context, *done, name, "job '" + printable(name) + "' accepted");
    if (arguments.wait) {
        context.world.out.flush();
        return wait_until_settled(context, {{name, count_at(*done, "generation")}},
                                  Ending::Remarks);
    }
    if (context.talkative()) {
        context.world.out << fmt::format(
            "next: shoal ps {0} · shoal logs {0} · shoal explain {0}\n", printable(name));
    }
    return Exit::Ok;
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
                     "until every replica stays healthy, at most --timeout (default: 5m)");
    command.add_flag("--if-absent", arguments->if_absent, "refuse to change a job that exists");
}

}  // namespace shoal::cli
