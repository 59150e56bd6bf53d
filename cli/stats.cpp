// `shoal stats [NAME]`: what replicas use now, on all nodes.
//
// Every node is asked twice, a moment apart: processor time is counted from a container's start,
// and what a person wants to see is the share of the last moment.
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/settling.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetween{1'000};
constexpr milliseconds kPatience{5'000};  // with one node

Outcome<std::vector<std::string>> present_nodes(Context& context) {
    const auto members = context.client.call({.wanted = "ask the nodes", .path = "/v1/nodes"});
    if (!members) return failed(members.error());
    std::vector<std::string> out;
    for (const auto& member : members->body) {
        const auto standing = text_at(member, "standing");
        if (standing == "left") continue;
        if (standing == "alive" || standing == "suspect") {
            out.push_back(text_at(member, "id"));
        } else {
            warn(context, fmt::format("{} cannot be asked: it is {}",
                                      printable(text_at(member, "name")), standing));
        }
    }
    return out;
}

std::optional<Json> stats_of(Context& context, const std::string& node, const std::string& job) {
    Request request{.wanted = "ask " + node, .path = "/v1/stats"};
    request.timeout = std::min(kPatience, context.client.settings().timeout);
    if (!job.empty()) request.query.emplace_back("job", job);
    auto answer = context.client.call_at(node, request);
    if (answer) return std::move(answer->body);
    warn(context, "a node cannot be asked, its replicas are missing: " + answer.error().happened);
    return std::nullopt;
}

bool is_same(const Json& one, const Json& other) {
    return text_at(one, "job") == text_at(other, "job") &&
           count_at(one, "index") == count_at(other, "index") &&
           count_at(one, "epoch") == count_at(other, "epoch");
}

// In cores. Nothing for what has begun since.
std::optional<double> cores_between(const Json& before, const Json& after, const Json& container) {
    const auto& earlier = items_at(before, "containers");
    const auto same = std::find_if(earlier.begin(), earlier.end(),
                                   [&](const Json& one) { return is_same(one, container); });
    const auto from = count_at(before, "at_ns");
    const auto to = count_at(after, "at_ns");
    if (same == earlier.end() || to <= from) return std::nullopt;
    const auto used = count_at(container, "cpu_ns");
    const auto had = count_at(*same, "cpu_ns");
    return used < had ? 0.0 : static_cast<double>(used - had) / static_cast<double>(to - from);
}

std::string memory_text(const Json& container) {
    const auto used = human_size(count_at(container, "memory_bytes"));
    const auto limit = count_at(container, "memory_limit_bytes");
    return limit == 0 ? used : used + " / " + human_size(limit);
}

Outcome<View> stats_view(Context& context, const std::string& job) {
    const auto nodes = present_nodes(context);
    if (!nodes) return failed(nodes.error());
    std::vector<std::pair<std::string, Json>> before;
    for (const auto& node : *nodes) {
        if (auto stats = stats_of(context, node, job)) before.emplace_back(node, std::move(*stats));
    }
    (void)context.world.pause(kBetween);
    std::vector<Json> all;
    for (const auto& [node, first] : before) {
        const auto second = stats_of(context, node, job);
        if (!second) continue;
        for (auto container : items_at(*second, "containers")) {
            const auto cores = cores_between(first, *second, container);
            container["node"] = text_at(*second, "node");
            container["cores"] = cores ? Json(*cores) : Json(nullptr);
            all.push_back(std::move(container));
        }
    }
    std::sort(all.begin(), all.end(), [](const Json& a, const Json& b) {
        return std::pair{text_at(a, "job"), count_at(a, "index")} <
               std::pair{text_at(b, "job"), count_at(b, "index")};
    });
    Table table{{"NAME", "NODE", "CPU", "MEMORY", "PROCESSES"}};
    std::vector<std::string> names;
    for (const auto& one : all) {
        names.push_back(slot_name(text_at(one, "job"), one));
        const auto& cores = one["cores"];
        const auto share =
            cores.is_number() ? fmt::format("{:.1f} %", cores.get<double>() * 100) : "";
        table.row({{names.back()},
                   {text_at(one, "node")},
                   {share},
                   {memory_text(one)},
                   {std::to_string(count_at(one, "processes"))}});
    }
    return View{Json(all), names, context.printed(table), {}};
}

}  // namespace

void add_stats_command(Program& program) {
    auto job = std::make_shared<std::string>();
    auto& command =
        program.command(program.root(), "stats", "what the replicas of all jobs or of one use now",
                        [job](Context& context) {
                            return show(context, [&](Context& c) { return stats_view(c, *job); });
                        },
                        {.watch = true, .objects = Objects::Jobs});
    command.add_option("NAME", *job, "a job; without: all of them");
}

}  // namespace shoal::cli
