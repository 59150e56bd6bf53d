// `shoal job ls|inspect|scale|rm`. `apply` has its own file.
#include "cli/job.h"

#include "cli/apply.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/replicas.h"
#include "cli/text.h"
#include "cli/tones.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace shoal::cli {
namespace {

Outcome<View> list_view(Context& context) {
    auto answer = context.client.call({.wanted = "list the jobs", .path = "/v1/jobs"});
    if (!answer) return failed(answer.error());
    const auto& jobs = answer->body;
    Table table{{"NAME", "IMAGE", "REPLICAS", "PENDING", "GENERATION", "NOTE"}};
    for (const auto& job : jobs) {
        const auto pending = count_at(job, "pending");
        table.row({{text_at(job, "name")},
                   {short_image(text_at(job, "image"))},
                   replicas_cell(count_at(job, "healthy"), count_at(job, "replicas")),
                   {std::to_string(pending), pending > 0 ? Tone::Warning : Tone::Plain},
                   {std::to_string(count_at(job, "generation"))},
                   {is_set(job, "conflict") ? "CONFLICT" : "", Tone::Bad}});
    }
    return View{jobs, texts_of(jobs, "name"), context.printed(table), {}};
}

// A member of a job as one cell; nothing for what is not set.
std::string setting_of(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null() || value.empty()) return {};
    if (!value.is_array() && !value.is_object()) return dump(value);
    std::vector<std::string> lines;
    for (const auto& item : value.items()) {
        auto text = item.value().is_string() ? item.value().get<std::string>() : dump(item.value());
        lines.push_back(value.is_object() ? item.key() + "=" + text : std::move(text));
    }
    return join(lines, "\n");
}

std::string jobs_before(const Json& job) {
    std::vector<std::string> lines;
    for (const auto& one : items_at(job, "after")) {
        lines.push_back(text_at(one, "job") + " is " + text_at(one, "condition") +
                        (is_set(one, "required") ? "" : ", if it is there"));
    }
    return join(lines, "\n");
}

// What the check of each replica said last, of those that have one.
std::string checks(const Context& context, const Json& job) {
    Table table{{"SLOT", "CHECK", "FAILED", "LAST OUTPUT"}};
    table.wrap_last_column(context.width());
    bool any = false;
    for (const auto& slot : items_at(job, "slots")) {
        const auto health = text_at(slot, "health");
        const auto output = text_at(slot, "check_output");
        if ((health.empty() || health == "none") && output.empty()) continue;
        any = true;
        table.row({{std::to_string(count_at(slot, "index"))},
                   slot_cell(health),
                   {std::to_string(count_at(slot, "check_failures"))},
                   {output}});
    }
    return any ? "\n" + context.printed(table) : std::string{};
}

std::string detail(const Context& context, const Json& job) {
    Table table;
    const bool conflict = is_set(job, "conflict");
    table.row({{"name"}, {text_at(job, "name")}});
    table.row({{"replicas"}, replicas_cell(count_at(job, "healthy"), count_at(job, "replicas"))});
    table.row({{"generation"}, {std::to_string(count_at(job, "generation"))}});
    if (conflict)
        table.row({{"conflict"}, {"CONFLICT: another version was written beside it", Tone::Bad}});
    for (const auto* shown :
         {"image", "entrypoint", "command", "environment", "labels", "cpus", "memory", "ports",
          "constraints", "restart", "on_partition", "health"}) {
        auto text = setting_of(member(job, shown));
        if (!text.empty()) table.row({{shown}, {std::move(text)}});
    }
    if (auto before = jobs_before(job); !before.empty()) table.row({{"after"}, {before}});
    Table slots{{"SLOT", "STATE", "NODE", "AGE", "RESTARTS", "EPOCH", "PORTS", "DETAIL"}};
    for (const auto& slot : items_at(job, "slots")) {
        slots.row({{std::to_string(count_at(slot, "index"))},
                   slot_cell(text_at(slot, "state")),
                   {text_at(slot, "node")},
                   {age_of(text_at(slot, "since"), context.world.wall())},
                   {std::to_string(count_at(slot, "restarts"))},
                   {std::to_string(count_at(slot, "epoch"))},
                   {ports_of(slot)},
                   {text_at(slot, "detail")}});
    }
    return context.printed(table) + "\n" + context.printed(slots) + checks(context, job);
}

Outcome<Exit> scale(Context& context, const std::string& text) {
    const auto word = parse_scale(text);
    if (!word) return failed(word.error());
    return send_write(context, scale_request(*word), word->name,
                      fmt::format("job '{}' scaled to {}", printable(word->name), word->replicas));
}

Outcome<Exit> remove(Context& context, const std::string& name) {
    auto request = removal_request(name);
    const auto sure = confirm(context, request.wanted, "all its replicas stop");
    if (!sure) return failed(sure.error());
    return send_write(context, std::move(request), name,
                      fmt::format("job '{}' deleted", printable(name)));
}

}  // namespace

std::string job_path(const std::string& name) {
    return "/v1/jobs/" + url_escaped(name);
}

Outcome<View> job_view(Context& context, const std::string& name) {
    auto answer =
        context.client.call({.wanted = "inspect job '" + name + "'", .path = job_path(name)});
    if (!answer) return failed(answer.error());
    const auto& job = answer->body;
    return View{job, {text_at(job, "name")}, detail(context, job), {}};
}

ReplicaWord replica_word(const std::string& word) {
    const auto at = word.find('@');
    if (at != std::string::npos && at > 0) return {word.substr(0, at), {}, word.substr(at + 1)};
    const auto dot = word.rfind('.');
    const auto slot = dot == std::string::npos ? std::nullopt : parse_number(word.substr(dot + 1));
    if (!slot || dot == 0) return {word, {}, {}};
    return {word.substr(0, dot), slot, {}};
}

Outcome<Json> find_replica(Context& context, const ReplicaWord& word, const std::string& wanted) {
    const auto answer = context.client.call({.wanted = wanted, .path = job_path(word.job)});
    if (!answer) return failed(answer.error());
    const auto slots = slots_of(answer->body);
    for (const auto& slot : slots) {
        const bool same =
            word.slot ? count_at(slot, "index") == *word.slot : text_at(slot, "of") == word.node;
        if (same) return slot;
    }
    return failed(
        {Exit::Failed, wanted,
         word.slot ? fmt::format("job '{}' has {}, counted from 0", word.job,
                                 counted(slots.size(), "replica"))
                   : fmt::format("job '{}' has no replica for a node '{}'", word.job, word.node),
         "shoal ps " + word.job});
}

Outcome<ScaleWord> parse_scale(const std::string& word) {
    const auto equals = word.rfind('=');
    const auto replicas =
        equals == std::string::npos ? std::nullopt : parse_number(word.substr(equals + 1));
    if (!replicas || equals == 0) {
        return failed({Exit::Usage, "scale '" + word + "'", "expected NAME=N", "web=4"});
    }
    return ScaleWord{word.substr(0, equals), *replicas};
}

Request scale_request(const ScaleWord& word) {
    return {.wanted = "scale job '" + word.name + "'",
            .method = "POST",
            .path = job_path(word.name) + "/scale",
            .body = Json{{"replicas", word.replicas}}};
}

Request removal_request(const std::string& name) {
    return {.wanted = "delete job '" + name + "'", .method = "DELETE", .path = job_path(name)};
}

void add_job_commands(Program& program) {
    auto& group = program.group("job", "what shall run");
    add_apply_command(program, group);
    program.command(group, "ls", "list the jobs",
                    [](Context& context) { return show(context, list_view); }, {.watch = true});

    auto name = std::make_shared<std::string>();  // one command runs, so one word serves all
    auto& inspect =
        program.command(group, "inspect", "all about one, and where its replicas run",
                        [name](Context& context) {
                            return show(context, [&](Context& c) { return job_view(c, *name); });
                        },
                        {.watch = true, .objects = Objects::Jobs});
    inspect.add_option("NAME", *name, "the job")->required();

    auto& scaling = program.command(group, "scale", "change how many replicas a job has",
                                    [name](Context& context) { return scale(context, *name); },
                                    {.acks = true, .objects = Objects::Jobs});
    scaling.add_option("NAME=N", *name, "the job, and how many replicas it shall have")->required();

    auto& removal = program.command(group, "rm", "delete a job and stop its replicas",
                                    [name](Context& context) { return remove(context, *name); },
                                    {.acks = true, .objects = Objects::Jobs});
    removal.add_option("NAME", *name, "the job")->required();
}

}  // namespace shoal::cli
