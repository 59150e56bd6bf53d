// `shoal explain NAME[.N|@NODE]`: each node's price or reasons, and the sentence for each slot that
// waits.
#include "cli/explain.h"

#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/human.h"
#include "cli/job.h"
#include "cli/replicas.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace shoal::cli {
namespace {

// Nobody else's troubles, and the slot as it is.
Json about_slot(Json explanation, const Json& slot) {
    Json pending = Json::array();
    for (const auto& one : items_at(explanation, "pending")) {
        if (count_at(one, "index") == count_at(slot, "index")) pending.push_back(one);
    }
    explanation["pending"] = std::move(pending);
    explanation["slot"] = slot;
    return explanation;
}

Outcome<View> explain_view(Context& context, const std::string& word) {
    const auto subject = replica_word(word);
    Json slot;
    if (subject.is_one()) {
        auto found = find_replica(context, subject, "explain " + word);
        if (!found) return failed(found.error());
        slot = std::move(*found);
    }
    auto answer = explanation(context, subject.job);
    if (!answer) return failed(answer.error());
    if (!subject.is_one()) {
        return View{*answer, {text_at(*answer, "name")}, explained(context, *answer), {}};
    }
    auto told = about_slot(std::move(*answer), slot);
    std::vector<Json> slots;  // Braces would take the slot for a list of slots.
    slots.push_back(std::move(slot));
    auto text = replica_table(context, slots) + "\n" + explained(context, told);
    return View{std::move(told), names_of(slots), std::move(text), {}};
}

}  // namespace

Outcome<Json> explanation(Context& context, const std::string& job) {
    const Request request{.wanted = "explain job '" + job + "'",
                          .path = job_path(job) + "/explain"};
    auto here = context.client.call(request);
    if (!here) return failed(here.error());
    const auto coordinator = text_at(here->body, "coordinator");
    if (!context.flags.node.empty() || coordinator.empty()) return std::move(here->body);
    // Only the coordinator has asked everybody; what others heard may have gaps.
    const auto status = context.client.call({.wanted = request.wanted, .path = "/v1/status"});
    if (status && text_at(status->body, "node") == coordinator) return std::move(here->body);
    auto there = context.client.call_at(coordinator, request);
    return there ? std::move(there->body) : std::move(here->body);
}

std::vector<std::string> pending_sentences(const Json& explanation) {
    std::vector<std::string> out;
    for (const auto& slot : items_at(explanation, "pending")) {
        const auto owner = text_at(slot, "of");
        const auto which =
            owner.empty() ? fmt::format("slot {}", count_at(slot, "index")) : "on " + owner;
        out.push_back(which + ": " + text_at(slot, "sentence"));
    }
    return out;
}

std::string explained(const Context& context, const Json& explanation) {
    const auto healthy = count_at(explanation, "healthy");
    const auto wanted = count_at(explanation, "wanted");
    const auto coordinator = text_at(explanation, "coordinator");
    std::string text =
        fmt::format("{}: {} of {} healthy, coordinated by {}\n",
                    printable(text_at(explanation, "name")), healthy, counted(wanted, "replica"),
                    coordinator.empty() ? "nobody" : printable(coordinator));
    for (const auto& sentence : pending_sentences(explanation)) {
        text += printable(sentence) + "\n";
    }
    const auto& nodes = items_at(explanation, "nodes");
    if (nodes.empty()) return text + "no node has been asked yet\n";
    Table table{{"NODE", "BIDS", "PRICE", "HEARD", "REASONS"}};
    table.wrap_last_column(context.width());
    for (const auto& node : nodes) {
        const bool bids = is_set(node, "bids");
        const auto age =
            std::chrono::milliseconds{static_cast<std::int64_t>(number_at(node, "age_s") * 1000)};
        table.row({{text_at(node, "node")},
                   {bids ? "yes" : "no", bids ? Tone::Good : Tone::Warning},
                   {bids ? fmt::format("{:.6g}", number_at(node, "price")) : "-"},
                   {short_age(age) + " ago"},
                   {join(texts_at(node, "reasons"), "\n")}});
    }
    return text + "\n" + context.printed(table);
}

void add_explain_command(Program& program) {
    auto job = std::make_shared<std::string>();
    auto& command = program.command(
        program.root(), "explain", "why a job's replicas run where they do, or do not run",
        [job](Context& context) {
            return show(context, [&](Context& c) { return explain_view(c, *job); });
        },
        {.watch = true, .objects = Objects::Jobs});
    command.add_option("NAME[.N]", *job, "the job, or one of its replicas")->required();
}

}  // namespace shoal::cli
