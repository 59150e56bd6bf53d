// `shoal up [FILE]`: a Compose file's services become jobs, those that left the file go, and all of
// them are waited for. `shoal down [FILE]`: all jobs of the project go.
//
// Each job carries its project as a label, so nothing but the cluster has to remember what a
// project is made of, and any machine may continue what another began.
#include "cli/commands.h"
#include "cli/compose_file.h"
#include "cli/job.h"
#include "cli/neighbours.h"
#include "cli/project_plan.h"
#include "cli/project_tree.h"
#include "cli/text.h"
#include "cli/volume.h"
#include "cli/wait.h"
#include "cli/write.h"
#include "node/compose/render.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace shoal::cli {
namespace {

struct Arguments {
    ComposeWords words{};
    bool detach = false;
};

Outcome<std::vector<Step>> plan(Context& context, const ComposeFile& file) {
    const auto& project = file.project;
    const bool by_folder = project.named_by == compose::NamedBy::Folder;
    const auto folder = by_folder ? file.folder : std::string{};
    const auto existing = jobs_of_project(context, project.name);
    if (!existing) return failed(existing.error());
    if (by_folder) {
        const auto same = check_folder(*existing, project.name, folder);
        if (!same) return failed(same.error());
    }
    std::vector<Json> wanted;
    // In that order none is ever written before what it waits for.
    for (const auto* service : compose::in_order(project.services)) {
        wanted.push_back(compose::job_of(project, *service, folder));
    }
    const auto digests = digests_for(context, *existing);
    if (!digests) return failed(digests.error());
    return plan_project(wanted, *existing, *digests, project.name);
}

void preview(Context& context, const ComposeFile& file, const std::vector<Step>& steps) {
    auto& err = context.world.err;
    err << project_tree(file, steps);
    err.flush();
    if (!changes_anything(steps)) return;
    for (const auto& line : collisions(steps, look_around(context))) {
        warn(context, line);
    }
}

// Before anything is written: no node would ever take such a job.
Outcome<void> check_privileges(Context& context, const ComposeFile& file,
                               const std::string& wanted) {
    std::vector<std::string> lines;
    for (const auto& service : file.project.services) {
        for (const auto& problem : service.process.privileges) {
            lines.push_back(compose::to_string(file.file, problem));
        }
    }
    if (lines.empty()) return {};
    const auto nodes = context.client.call({.wanted = wanted, .path = "/v1/nodes"});
    if (!nodes) return failed(nodes.error());
    if (allows_privileges(nodes->body)) return {};
    return failed({Exit::Failed, wanted,
                   "no node allows what reaches beyond a container\n" + join(lines, "\n"),
                   "leave it out, or let a node take such jobs: shoal agent --allow-privileged"});
}

// Of what the person typed, so that it can be typed again.
std::string down_again(const ComposeFile& file, const ComposeWords& words) {
    if (!words.project.empty() || words.file == "-") return "shoal down -p " + file.project.name;
    return words.file == "." ? "shoal down" : "shoal down " + words.file;
}

// Where the project is to be found, and what one does next.
void tell_where_it_is(Context& context, const ComposeFile& file, const ComposeWords& words,
                      const std::vector<std::string>& names) {
    std::vector<Json> jobs;
    for (const auto& name : names) {
        auto job = context.client.call({.wanted = "look at " + name, .path = job_path(name)});
        if (job) jobs.push_back(std::move(job->body));
    }
    const auto nodes = context.client.call({.wanted = "list the nodes", .path = "/v1/nodes"});
    auto& out = context.world.out;
    if (nodes) out << list_of_urls(jobs, nodes->body);
    out << printable(fmt::format("next: shoal ps · shoal logs -f {} · {}", names.front(),
                                 down_again(file, words)))
        << '\n';
}

std::string consequence(const std::vector<Step>& steps) {
    std::vector<std::string> parts;
    for (const auto kind : {Step::Kind::Create, Step::Kind::Change, Step::Kind::Remove}) {
        std::vector<std::string> names;
        for (const auto& step : steps) {
            if (step.kind == kind) names.push_back(step.name);
        }
        if (!names.empty()) parts.push_back(std::string{to_string(kind)} + " " + join(names, ", "));
    }
    return join(parts, "; ");
}

struct Done {
    std::vector<Json> answers{};
    std::vector<std::string> names{};
    std::string text{};
    std::vector<Awaited> awaited{};
};

Request request_for(const Step& step) {
    if (step.kind == Step::Kind::Remove) return removal_request(step.name);
    return {.wanted = fmt::format("{} job '{}'", to_string(step.kind), step.name),
            .method = "PUT",
            .path = job_path(step.name),
            .body = step.job};
}

std::string_view past_of(Step::Kind kind) {
    return kind == Step::Kind::Create   ? "created"
           : kind == Step::Kind::Change ? "changed"
           : kind == Step::Kind::Remove ? "removed"
                                        : "as it should be";
}

// One after another. What was written before a failure stays; the same command goes on from there.
Outcome<Done> carry_out(Context& context, const std::vector<Step>& steps) {
    Done done;
    for (const auto& step : steps) {
        auto generation = step.generation;
        auto sentence = fmt::format("job '{}' {}", printable(step.name), past_of(step.kind));
        if (step.kind != Step::Kind::Keep) {
            auto answer = write(context, request_for(step));
            if (!answer) {
                auto failure = answer.error();
                if (failure.hint.empty()) failure.hint = "the same again goes on from here";
                return failed(std::move(failure));
            }
            generation = count_at(*answer, "generation");
            sentence += ": " + written(*answer);
            done.answers.push_back(std::move(*answer));
        }
        done.text += sentence + "\n";
        if (step.kind == Step::Kind::Remove) continue;
        done.names.push_back(step.name);
        done.awaited.push_back({step.name, generation});
    }
    return done;
}

Outcome<Exit> up(Context& context, const Arguments& arguments) {
    const auto file = load_compose_file(context, arguments.words);
    if (!file) return failed(file.error());
    const auto wanted = "bring up project '" + file->project.name + "'";
    if (!file->refused.empty()) {
        return failed({Exit::Failed, wanted, lines_of_refused(*file),
                       "without them: --allow-ignored PATH, as " +
                           compose::to_string(file->refused.front().path) +
                           "; docs/compose.md says what becomes of each key"});
    }
    const auto allowed = check_privileges(context, *file, wanted);
    if (!allowed) return failed(allowed.error());
    const auto steps = plan(context, *file);
    if (!steps) return failed(steps.error());
    if (context.talkative()) {
        tell_what_is_ignored(context, *file);
        preview(context, *file, *steps);
    }
    if (changes_anything(*steps)) {
        const auto sure = confirm(context, wanted, consequence(*steps));
        if (!sure) return failed(sure.error());
    }
    const auto done = carry_out(context, *steps);
    if (!done) return failed(done.error());
    if (arguments.detach) {
        print(View{Json(done->answers), done->names, done->text, {}}, context.flags.shape,
              context.world.out);
        return Exit::Ok;
    }
    if (context.talkative()) context.world.err << done->text << std::flush;
    const auto settled = wait_until_settled(context, done->awaited, Ending::Project);
    if (settled && *settled == Exit::Ok && context.talkative() && !done->names.empty()) {
        tell_where_it_is(context, *file, arguments.words, done->names);
    }
    return settled;
}

constexpr std::chrono::milliseconds kLongestGrace{120'000};

// What its replicas still have is free once they have stopped.
Outcome<void> remove_their_volumes(Context& context, const std::vector<std::string>& names,
                                   std::string& text) {
    auto removed = remove_volumes(context, names, kLongestGrace);
    if (!removed) return failed(removed.error());
    text += *removed;
    return {};
}

Outcome<Exit> down(Context& context, const ComposeWords& words, bool with_volumes) {
    const auto project = project_name(context, words);
    if (!project) return failed(project.error());
    const auto existing = jobs_of_project(context, project->name);
    if (!existing) return failed(existing.error());
    if (!project->folder.empty()) {
        const auto same = check_folder(*existing, project->name, project->folder);
        if (!same) return failed(same.error());
    }
    const auto steps = plan_project({}, *existing, {}, project->name);
    if (!steps) return failed(steps.error());
    if (steps->empty()) {
        print(View{Json::array(),
                   {},
                   "nothing of project '" + printable(project->name) + "' runs\n",
                   {}},
              context.flags.shape, context.world.out);
        return Exit::Ok;
    }
    auto ours = *existing;
    std::erase_if(ours, [&](const Json& job) { return !belongs_to(job, project->name); });
    const auto lost = volumes_of_jobs(ours);
    const auto sure = confirm(
        context, "take down project '" + project->name + "'",
        consequence(*steps) + (with_volumes && !lost.empty()
                                   ? "; remove volumes " + join(lost, ", ") + " and all in them"
                                   : std::string{}));
    if (!sure) return failed(sure.error());
    auto done = carry_out(context, *steps);
    if (!done) return failed(done.error());
    if (with_volumes) {
        const auto removed = remove_their_volumes(context, lost, done->text);
        if (!removed) return failed(removed.error());
    }
    View view{Json(done->answers), {}, done->text, {}};
    for (const auto& step : *steps) {
        view.names.push_back(step.name);
    }
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

}  // namespace

void add_up_commands(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& raising = program.command(
        program.root(), "up", "run a Compose file's services, and wait until they are healthy",
        [arguments](Context& context) { return up(context, *arguments); }, {.acks = true});
    add_file_options(raising, arguments->words);
    add_key_options(raising, arguments->words);
    raising.add_flag("-d,--detach", arguments->detach, "do not wait until they are healthy");

    auto volumes = std::make_shared<bool>(false);
    auto& lowering =
        program.command(program.root(), "down", "remove all jobs of a Compose file's project",
                        [arguments, volumes](Context& context) {
                            return down(context, arguments->words, *volumes);
                        },
                        {.acks = true});
    add_file_options(lowering, arguments->words);
    lowering.add_flag("-v,--volumes", *volumes,
                      "remove their volumes too, and all that is in them");
}

}  // namespace shoal::cli
