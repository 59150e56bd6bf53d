// `shoal image load|ls|rm|prune`: what jobs are made of.
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/image_load.h"
#include "cli/text.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace shoal::cli {
namespace {

Outcome<View> list_view(Context& context) {
    auto answer = context.client.call({.wanted = "list the images", .path = "/v1/images"});
    if (!answer) return failed(answer.error());
    const auto& images = answer->body;
    Table table{{"IMAGE", "DIGEST", "SIZE", "AGE", "NODES", "JOBS"}};
    table.wrap_last_column(context.width());
    for (const auto& image : images) {
        const auto name = text_at(image, "name");
        const auto digest = text_at(image, "digest");
        const auto nodes = texts_at(image, "nodes");
        table.row({name.empty() ? Cell{"<none>"} : Cell{name},
                   {context.wide() ? digest : short_image(digest)},
                   {human_size(count_at(image, "size"))},
                   {age_of(text_at(image, "at"), context.world.wall())},
                   nodes.empty() ? Cell{"none", Tone::Bad} : Cell{join(nodes, ",")},
                   {join(texts_at(image, "jobs"), ",")}});
    }
    return View{images, texts_of(images, "name"), context.printed(table), {}};
}

Outcome<Exit> remove(Context& context, const std::string& name) {
    return send_write(
        context,
        {.wanted = "forget image '" + name + "'",
         .method = "DELETE",
         .path = "/v1/images/" + url_escaped(name)},
        name, fmt::format("'{}' forgotten; its bytes go when nothing needs them", printable(name)));
}

// Every node that is there, one after the other; those that do not answer are named.
Outcome<Exit> prune(Context& context) {
    const std::string wanted = "remove unused images";
    const auto nodes = context.client.call({.wanted = wanted, .path = "/v1/nodes"});
    if (!nodes) return failed(nodes.error());
    View view{Json::array(), {}, {}, {}};
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    for (const auto& node : nodes->body) {
        const auto name = text_at(node, "name");
        if (text_at(node, "standing") != "alive") continue;
        if (!context.flags.node.empty() && context.flags.node != name) continue;
        const auto answer = context.client.call_at(
            name, {.wanted = wanted, .method = "POST", .path = "/v1/images/prune"});
        if (!answer) {
            warn(context, name + ": " + answer.error().happened);
            continue;
        }
        const auto removed = texts_at(answer->body, "removed");
        Json one = {{"node", name}};
        one.update(answer->body);
        view.document.push_back(std::move(one));
        count += removed.size();
        bytes += count_at(answer->body, "bytes");
        for (const auto& digest : removed) {
            view.names.push_back(digest);
            view.text += fmt::format("{}: {} removed\n", printable(name), short_image(digest));
        }
    }
    view.text += fmt::format("{} removed, {} freed\n", counted(count, "image"), human_size(bytes));
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

}  // namespace

void add_image_commands(Program& program) {
    auto& group = program.group("image", "what jobs are made of");
    auto words = std::make_shared<LoadWords>();
    auto& loading = program.command(
        group, "load", "take an image out of an archive; other nodes fetch it when they need it",
        [words](Context& context) { return load_image(context, *words); });
    loading
        .add_option("FILE", words->file,
                    "an OCI archive, or what 'docker save' writes ('-': standard input)")
        ->required();
    loading.add_option("--name", words->name, "what to call the one image in it")
        ->type_name("NAME");

    program.command(group, "ls", "list images, and who has them",
                    [](Context& context) { return show(context, list_view); }, {.watch = true});

    auto name = std::make_shared<std::string>();
    auto& removal = program.command(group, "rm", "forget a name; refused while a job uses it",
                                    [name](Context& context) { return remove(context, *name); },
                                    {.acks = true, .objects = Objects::Images});
    removal.add_option("IMAGE", *name, "its name")->required();

    program.command(group, "prune", "remove what no job and no name needs, on every node",
                    [](Context& context) { return prune(context); });
}

}  // namespace shoal::cli
