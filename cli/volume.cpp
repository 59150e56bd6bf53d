// `shoal volume ls|inspect|rm`: what containers keep, and where it is.
#include "cli/volume.h"

#include "cli/human.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollEvery{300};

bool is_present(const Json& volume) {
    const auto standing = text_at(volume, "standing");
    return standing == "alive" || standing == "suspect";
}

// "shop_data" is all of shop_data.0, shop_data.1 and so on.
bool is_named(const Json& volume, const std::string& name) {
    return text_at(volume, "name") == name || text_at(volume, "volume") == name;
}

// Only the node that has one knows how large it is.
void add_sizes(Context& context, std::vector<Json>& volumes) {
    std::map<std::string, std::map<std::string, Json>> of_node;
    for (auto& volume : volumes) {
        const auto node = text_at(volume, "node");
        if (volume.contains("size") || !is_present(volume)) continue;
        if (!of_node.contains(node)) {
            auto& known = of_node[node];
            const auto answer = context.client.call_at(
                node, {.wanted = "measure the volumes of " + node, .path = "/v1/volumes"});
            if (!answer) continue;
            for (const auto& one : answer->body) {
                if (one.contains("size")) known[text_at(one, "name")] = one;
            }
        }
        const auto found = of_node[node].find(text_at(volume, "name"));
        if (found == of_node[node].end()) continue;
        volume["size"] = found->second["size"];
        volume["size_is_whole"] = found->second["size_is_whole"];
    }
}

std::string note_of(const Json& volume) {
    if (!is_set(volume, "holder")) return "stale: another node holds it";
    if (!is_present(volume)) return "its node is " + text_at(volume, "standing");
    return is_set(volume, "used") ? "" : "not used yet";
}

Outcome<View> list_view(Context& context) {
    auto volumes = all_volumes(context, "list the volumes");
    if (!volumes) return failed(volumes.error());
    add_sizes(context, *volumes);
    Table table{{"VOLUME", "NODE", "SIZE", "SLOTS", "NOTE"}};
    std::vector<std::string> names;
    for (const auto& volume : *volumes) {
        const auto size = volume.contains("size") ? human_size(count_at(volume, "size")) : "";
        const bool whole = !volume.contains("size") || is_set(volume, "size_is_whole");
        names.push_back(text_at(volume, "name"));
        table.row({{names.back()},
                   {text_at(volume, "node")},
                   {whole ? size : ">" + size},
                   {join(texts_at(volume, "slots"), ",")},
                   {note_of(volume), Tone::Warning}});
    }
    return View{Json(*volumes), names, context.printed(table), {}};
}

Outcome<std::vector<Json>> volumes_named(Context& context, const std::string& wanted,
                                         const std::string& name) {
    auto volumes = all_volumes(context, wanted);
    if (!volumes) return failed(volumes.error());
    std::erase_if(*volumes, [&](const Json& volume) { return !is_named(volume, name); });
    if (volumes->empty()) {
        return failed({Exit::Failed, wanted, "there is no volume '" + name + "'",
                       "shoal volume ls lists them"});
    }
    return volumes;
}

Outcome<View> inspect_view(Context& context, const std::string& name) {
    auto volumes = volumes_named(context, "look at volume '" + name + "'", name);
    if (!volumes) return failed(volumes.error());
    add_sizes(context, *volumes);
    return View{Json(*volumes), {}, dump(Json(*volumes), 2) + "\n", {}};
}

Outcome<Exit> remove(Context& context, const std::vector<std::string>& names) {
    const auto wanted = "remove volume " + join(names, ", ");
    View view;
    std::vector<Json> volumes;
    for (const auto& name : names) {
        auto found = volumes_named(context, wanted, name);
        if (!found) return failed(found.error());
        volumes.insert(volumes.end(), found->begin(), found->end());
    }
    const auto sure = confirm(context, wanted, "all that is in them is lost");
    if (!sure) return failed(sure.error());
    for (const auto& volume : volumes) {
        const auto done = remove_volume(context, volume, milliseconds{0});
        if (!done) return failed(done.error());
        view.names.push_back(text_at(volume, "name"));
        view.text += fmt::format("{} on {} removed\n", printable(text_at(volume, "name")),
                                 printable(text_at(volume, "node")));
    }
    view.document = Json(view.names);
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

}  // namespace

Outcome<std::vector<Json>> all_volumes(Context& context, const std::string& wanted) {
    const auto answer = context.client.call({.wanted = wanted, .path = "/v1/volumes"});
    if (!answer) return failed(answer.error());
    return std::vector<Json>(answer->body.begin(), answer->body.end());
}

Outcome<void> remove_volume(Context& context, const Json& volume, milliseconds patience) {
    const auto name = text_at(volume, "name");
    const auto node = text_at(volume, "node");
    const auto end = context.world.now() + patience;
    for (;;) {
        const auto answer = context.client.call_at(node, {.wanted = "remove volume '" + name + "'",
                                                          .method = "DELETE",
                                                          .path = "/v1/volumes/" + name});
        if (answer) return {};
        const bool in_use = answer.error().exit == Exit::Conflict;
        if (!in_use || context.world.now() >= end) return failed(answer.error());
        if (!context.world.pause(kPollEvery)) return failed(answer.error());
    }
}

std::vector<std::string> volumes_of_jobs(const std::vector<Json>& jobs) {
    std::set<std::string> out;
    for (const auto& job : jobs) {
        for (const auto& mount : items_at(job, "mounts")) {
            if (text_at(mount, "type") == "volume" && !is_set(mount, "external")) {
                out.insert(text_at(mount, "source"));
            }
        }
    }
    return {out.begin(), out.end()};
}

Outcome<std::string> remove_volumes(Context& context, const std::vector<std::string>& names,
                                    milliseconds patience) {
    const auto all = all_volumes(context, "remove the volumes of the project");
    if (!all) return failed(all.error());
    std::string text;
    for (const auto& volume : *all) {
        const auto of = text_at(volume, "volume");
        if (std::find(names.begin(), names.end(), of) == names.end()) continue;
        const auto done = remove_volume(context, volume, patience);
        if (!done) return failed(done.error());
        text += fmt::format("volume '{}' on {} removed\n", printable(text_at(volume, "name")),
                            printable(text_at(volume, "node")));
    }
    return text;
}

void add_volume_commands(Program& program) {
    auto& group = program.group("volume", "what containers keep, and which node has it");
    program.command(group, "ls", "list volumes, their nodes and who uses them",
                    [](Context& context) { return show(context, list_view); }, {.watch = true});

    auto name = std::make_shared<std::string>();
    auto& inspection = program.command(
        group, "inspect", "all that is known of a volume", [name](Context& context) {
            return show(context, [&](Context& c) { return inspect_view(c, *name); });
        });
    inspection.add_option("VOLUME", *name, "its name: shop_data, or shop_data.0")->required();

    auto names = std::make_shared<std::vector<std::string>>();
    auto& removal =
        program.command(group, "rm", "remove volumes and all that is in them; refused while in use",
                        [names](Context& context) { return remove(context, *names); });
    removal.add_option("VOLUME", *names, "shop_data for those of all replicas, or shop_data.0")
        ->required();
}

}  // namespace shoal::cli
