// `shoal explain JOB`: each node's price or reasons, and the sentence for each slot that waits.
#include "cli/explain.h"

#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/human.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace shoal::cli {
namespace {

Outcome<View> explain_view(Context& context, const std::string& job) {
    auto answer = explanation(context, job);
    if (!answer) return failed(answer.error());
    return View{*answer, {text_at(*answer, "name")}, explained(context, *answer), {}};
}

}  // namespace

Outcome<Json> explanation(Context& context, const std::string& job) {
    const Request request{.wanted = "explain job '" + job + "'",
                          .path = "/v1/jobs/" + url_escaped(job) + "/explain"};
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
        out.push_back(
            fmt::format("slot {}: {}", count_at(slot, "index"), text_at(slot, "sentence")));
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
    command.add_option("JOB", *job, "its name")->required();
}

}  // namespace shoal::cli
