// `shoal node ls` and `shoal node inspect NAME`: the nodes, as the answering node sees them.
#include "cli/node.h"

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <memory>

namespace shoal::cli {
namespace {

std::string part_of(const Json& node, const char* resource) {
    const auto& taken = member(node, "committed");
    const auto& all = member(node, "capacity");
    if (std::string_view{resource} == "cpus") {
        return human_cpus(number_at(taken, resource)) + "/" + human_cpus(number_at(all, resource));
    }
    return human_size(count_at(taken, resource)) + "/" + human_size(count_at(all, resource));
}

std::string labels_of(const Json& node) {
    std::vector<std::string> out;
    const auto& labels = member(node, "labels");
    if (!labels.is_object()) return {};
    for (const auto& item : labels.items()) {
        out.push_back(item.key() + "=" + text_at(labels, item.key().c_str()));
    }
    return join(out, ",");
}

Cell standing_of(const Json& node) {
    auto cell = standing_cell(text_at(node, "standing"));
    if (is_set(node, "draining")) cell.text += ",draining";
    return cell;
}

std::string list(const Context& context, const Json& nodes) {
    std::vector<std::string> header = {"NAME", "STANDING", "ADDRESS", "REPLICAS",
                                       "CPUS", "MEMORY",   "VERSION"};
    if (context.wide()) header.insert(header.end(), {"ID", "ZONE", "LABELS", "INCARNATION"});
    Table table{header};
    for (const auto& node : nodes) {
        const bool runs = is_set(node, "runtime");
        std::vector<Cell> row = {
            {text_at(node, "name") + (is_set(node, "self") ? "*" : "")},
            standing_of(node),
            {text_at(node, "address")},
            {std::to_string(count_at(node, "replicas"))},
            {runs ? part_of(node, "cpus") : "-"},
            {runs ? part_of(node, "memory") : "-"},
            {text_at(node, "version")},
        };
        if (context.wide()) {
            row.push_back({text_at(node, "id")});
            row.push_back({text_at(node, "zone")});
            row.push_back({labels_of(node)});
            row.push_back({std::to_string(count_at(node, "incarnation"))});
        }
        table.row(std::move(row));
    }
    return context.printed(table);
}

Outcome<View> list_view(Context& context) {
    auto answer = context.client.call({.wanted = "list the nodes", .path = "/v1/nodes"});
    if (!answer) return failed(answer.error());
    const auto& nodes = answer->body;
    return View{nodes, texts_of(nodes, "name"), list(context, nodes), {}};
}

std::string detail(const Context& context, const Json& node) {
    Table table;
    table.row({{"name"}, {text_at(node, "name")}});
    table.row({{"id"}, {text_at(node, "id")}});
    table.row({{"standing"}, standing_of(node)});
    table.row({{"address"}, {text_at(node, "address")}});
    table.row({{"zone"}, {text_at(node, "zone")}});
    table.row({{"labels"}, {labels_of(node)}});
    table.row({{"version"}, {text_at(node, "version")}});
    table.row({{"incarnation"}, {std::to_string(count_at(node, "incarnation"))}});
    table.row({{"runtime"}, {is_set(node, "runtime") ? "yes" : "none: bids nothing"}});
    table.row({{"cpus"}, {part_of(node, "cpus")}});
    table.row({{"memory"}, {part_of(node, "memory")}});
    auto text = context.printed(table);

    const auto& slots = items_at(node, "slots");
    if (slots.empty()) return text;
    Table runs{{"JOB", "SLOT", "STATE", "EPOCH", "RESTARTS", "DETAIL"}};
    for (const auto& slot : slots) {
        runs.row({{text_at(slot, "job")},
                  {std::to_string(count_at(slot, "index"))},
                  slot_cell(text_at(slot, "state")),
                  {std::to_string(count_at(slot, "epoch"))},
                  {std::to_string(count_at(slot, "restarts"))},
                  {text_at(slot, "detail")}});
    }
    return text + "\n" + context.printed(runs);
}

}  // namespace

Outcome<View> node_view(Context& context, const std::string& name) {
    auto answer = context.client.call(
        {.wanted = "inspect node '" + name + "'", .path = "/v1/nodes/" + url_escaped(name)});
    if (!answer) return failed(answer.error());
    const auto& node = answer->body;
    return View{node, {text_at(node, "name")}, detail(context, node), {}};
}

void add_node_commands(Program& program) {
    auto& group = program.group("node", "the nodes this node knows");
    program.command(group, "ls", "list them; * is the one that answers",
                    [](Context& context) { return show(context, list_view); }, {.watch = true});
    auto name = std::make_shared<std::string>();
    auto& inspect =
        program.command(group, "inspect", "all about one, and what it runs",
                        [name](Context& context) {
                            return show(context, [&](Context& c) { return node_view(c, *name); });
                        },
                        {.watch = true, .objects = Objects::Nodes});
    inspect.add_option("NAME", *name, "name, id, or the start of an id")->required();
}

}  // namespace shoal::cli
