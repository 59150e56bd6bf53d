// `shoal status`: one screen of what the answering node sees.
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/human.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <chrono>

namespace shoal::cli {
namespace {

// "3 alive, 1 suspect": what there is none of is not worth a word, except the living.
std::string standings(const Json& nodes) {
    std::vector<std::string> parts;
    if (!nodes.is_object()) return {};
    for (const auto& item : nodes.items()) {
        const auto count = count_at(nodes, item.key().c_str());
        if (count > 0 || item.key() == "alive") {
            parts.push_back(fmt::format("{} {}", count, item.key()));
        }
    }
    return join(parts, ", ");
}

std::string capacity(const Json& status) {
    const auto& all = member(status, "capacity");
    const auto& taken = member(status, "committed");
    return fmt::format("{} of {} CPUs, {} of {} committed", human_cpus(number_at(taken, "cpus")),
                       human_cpus(number_at(all, "cpus")), human_size(count_at(taken, "memory")),
                       human_size(count_at(all, "memory")));
}

Table table_of(const Json& status) {
    Table table;
    const auto state = text_at(status, "state");
    const auto cluster = text_at(status, "cluster");
    table.row({{"node"}, {text_at(status, "node")}});
    table.row({{"id"}, {text_at(status, "id")}});
    table.row({{"state"}, {state, state == "member" ? Tone::Good : Tone::Warning}});
    table.row({{"cluster"}, {cluster}});
    table.row({{"address"}, {text_at(status, "address")}});
    const auto uptime =
        std::chrono::milliseconds{static_cast<std::int64_t>(number_at(status, "uptime_s") * 1000)};
    table.row({{"version"}, {text_at(status, "version") + ", up " + short_age(uptime)}});
    table.row({{"runtime"}, {text_at(status, "runtime")}});
    table.row({{"capacity"}, {capacity(status)}});
    table.row({{"nodes"}, {standings(member(status, "nodes"))}});
    const auto healthy = count_at(status, "replicas_healthy");
    const auto wanted = count_at(status, "replicas_wanted");
    table.row({{"jobs"},
               {fmt::format("{}, {} of {} healthy", count_at(status, "jobs"), healthy,
                            counted(wanted, "replica")),
                healthy >= wanted ? Tone::Plain : Tone::Warning}});
    return table;
}

// What a person should look at; empty on a good day.
std::string remarks(const Json& status) {
    std::string out;
    for (const auto& seed : items_at(status, "seeds")) {
        const auto error = text_at(seed, "error");
        if (error.empty()) continue;
        out += fmt::format("seed {}: {}\n", printable(text_at(seed, "address")), printable(error));
    }
    for (const auto& warning : texts_at(status, "warnings")) {
        out += "warning: " + printable(warning) + "\n";
    }
    if (text_at(status, "state") == "idle") {
        out += "in no cluster: 'shoal init' founds one, 'shoal join ADDR' joins one\n";
    }
    return out;
}

Outcome<View> status_view(Context& context) {
    auto answer = context.client.call({.wanted = "read the status", .path = "/v1/status"});
    if (!answer) return failed(answer.error());
    const auto& status = answer->body;
    View view{status, {text_at(status, "node")}, context.printed(table_of(status)), {}};
    view.text += remarks(status);
    view.quiet = printable(text_at(status, "state")) + "\n";
    return view;
}

}  // namespace

void add_status_command(Program& program) {
    program.command(program.root(), "status", "what this node sees, on one screen",
                    [](Context& context) { return show(context, status_view); }, {.watch = true});
}

}  // namespace shoal::cli
