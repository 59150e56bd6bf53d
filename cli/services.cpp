// `shoal ls`: what runs, one line each. `job ls` is the exact form.
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/replicas.h"
#include "cli/settling.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::cli {
namespace {

using States = std::map<std::string, std::uint64_t>;

// How many slots are in each state that is not well, by job.
std::map<std::string, States> troubles_of(const Json& slots) {
    std::map<std::string, States> out;
    for (const auto& slot : slots) {
        if (!is_well(slot)) ++out[text_at(slot, "job")][text_at(slot, "state")];
    }
    return out;
}

Cell note_of(const Json& job, const States& troubles) {
    std::vector<std::string> parts;
    if (is_set(job, "conflict")) parts.emplace_back("CONFLICT");
    for (const auto& [state, count] : troubles) {
        parts.push_back(fmt::format("{} {}", count, state));
    }
    const bool bad = is_set(job, "conflict") || troubles.contains("failed") ||
                     troubles.contains("unhealthy") || troubles.contains("backoff");
    return {join(parts, ", "), parts.empty() ? Tone::Plain : bad ? Tone::Bad : Tone::Warning};
}

Outcome<View> list_view(Context& context) {
    auto answer = context.client.call({.wanted = "list what runs", .path = "/v1/jobs"});
    if (!answer) return failed(answer.error());
    const auto& jobs = answer->body;
    const auto slots = context.client.call({.wanted = "list what runs", .path = "/v1/slots"});
    if (!slots) return failed(slots.error());
    auto troubles = troubles_of(slots->body);
    std::vector<std::string> header = {"NAME", "IMAGE", "REPLICAS", "PORTS", "NOTE"};
    if (context.wide()) header.insert(header.end() - 1, "GENERATION");
    Table table{header};
    table.wrap_last_column(context.width());
    for (const auto& job : jobs) {
        std::vector<Cell> row = {{text_at(job, "name")},
                                 {short_image(text_at(job, "image"))},
                                 replicas_cell(count_at(job, "healthy"), count_at(job, "replicas")),
                                 {ports_of(job)}};
        if (context.wide()) row.push_back({std::to_string(count_at(job, "generation"))});
        row.push_back(note_of(job, troubles[text_at(job, "name")]));
        table.row(std::move(row));
    }
    return View{jobs, texts_of(jobs, "name"), context.printed(table), {}};
}

}  // namespace

void add_services_command(Program& program) {
    program.command(program.root(), "ls", "what runs, one line a job",
                    [](Context& context) { return show(context, list_view); }, {.watch = true});
}

}  // namespace shoal::cli
