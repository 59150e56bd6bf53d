// `shoal kv put|get|ls|rm`: small values, replicated everywhere.
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/human.h"
#include "cli/text.h"
#include "cli/write.h"
#include "node/api/content.h"
#include "node/base/utf8.h"

#include <fmt/format.h>

#include <memory>

namespace shoal::cli {
namespace {

struct Arguments {
    std::string key{};
    std::string value{};
    std::string prefix{};
};

// The API takes '/' in a key as it is; escaping each part keeps it readable in logs.
std::string key_path(const std::string& key) {
    std::vector<std::string> parts;
    for (const auto part : split(key, '/')) {
        parts.push_back(url_escaped(part));
    }
    std::string path = "/v1/kv";
    for (const auto& part : parts) {
        path += "/" + part;
    }
    return path;
}

Outcome<Exit> put(Context& context, const Arguments& arguments) {
    const auto wanted = "write value '" + arguments.key + "'";
    std::string value = arguments.value;
    if (value == "-") {
        auto text = read_all(context.world.in);
        if (!text)
            return failed({Exit::Failed, wanted, "standard input " + text.error().detail, {}});
        value = std::move(*text);
    }
    Json body =
        is_utf8(value) ? Json{{"value", value}} : Json{{"value_base64", api::to_base64(value)}};
    return send_write(context,
                      {.wanted = wanted,
                       .method = "PUT",
                       .path = key_path(arguments.key),
                       .body = std::move(body)},
                      arguments.key, fmt::format("'{}' written", printable(arguments.key)));
}

Outcome<Exit> get(Context& context, const Arguments& arguments) {
    const auto wanted = "read value '" + arguments.key + "'";
    const auto answer = context.client.call({.wanted = wanted, .path = key_path(arguments.key)});
    if (!answer) return failed(answer.error());
    auto value = text_at(answer->body, "value");
    if (const auto base64 = text_at(answer->body, "value_base64"); !base64.empty()) {
        auto bytes = api::from_base64(base64);
        if (!bytes) return failed({Exit::Failed, wanted, "the node sent it garbled", {}});
        value = std::move(*bytes);
    }
    if (is_set(answer->body, "conflict")) {
        warn(context, "CONFLICT: another version of '" + arguments.key + "' was written beside it");
    }
    // Exactly the bytes that were put, so that a file comes back as it went; only a person at a
    // terminal gets a line end.
    if (context.world.out_is_terminal && !value.ends_with('\n')) value += '\n';
    print(View{answer->body, {arguments.key}, value, value}, context.flags.shape,
          context.world.out);
    return Exit::Ok;
}

Outcome<View> list_view(Context& context, const std::string& prefix) {
    Request request{.wanted = "list the values", .path = "/v1/kv"};
    if (!prefix.empty()) request.query.emplace_back("prefix", prefix);
    auto answer = context.client.call(request);
    if (!answer) return failed(answer.error());
    const auto& values = answer->body;
    Table table{{"KEY", "SIZE", "GENERATION", "AUTHOR", "AGE", "NOTE"}};
    for (const auto& value : values) {
        table.row({{text_at(value, "key")},
                   {human_size(count_at(value, "size"))},
                   {std::to_string(count_at(value, "generation"))},
                   {text_at(value, "author")},
                   {age_of(text_at(value, "at"), context.world.wall())},
                   {is_set(value, "conflict") ? "CONFLICT" : "", Tone::Bad}});
    }
    return View{values, texts_of(values, "key"), context.printed(table), {}};
}

Outcome<Exit> remove(Context& context, const Arguments& arguments) {
    return send_write(context,
                      {.wanted = "delete value '" + arguments.key + "'",
                       .method = "DELETE",
                       .path = key_path(arguments.key)},
                      arguments.key, fmt::format("'{}' deleted", printable(arguments.key)));
}

}  // namespace

void add_kv_commands(Program& program) {
    auto& group = program.group("kv", "small values, replicated everywhere");
    auto arguments = std::make_shared<Arguments>();
    auto& putting =
        program.command(group, "put", "write a value",
                        [arguments](Context& context) { return put(context, *arguments); },
                        {.acks = true, .objects = Objects::Keys});
    putting.add_option("KEY", arguments->key, "at most 512 bytes")->required();
    putting.add_option("VALUE", arguments->value, "at most 64 KiB ('-': standard input)")
        ->required();

    auto& getting =
        program.command(group, "get", "print a value, byte for byte",
                        [arguments](Context& context) { return get(context, *arguments); },
                        {.objects = Objects::Keys});
    getting.add_option("KEY", arguments->key, "the key")->required();

    auto& listing = program.command(
        group, "ls", "list keys",
        [arguments](Context& context) {
            return show(context, [&](Context& c) { return list_view(c, arguments->prefix); });
        },
        {.watch = true, .objects = Objects::Keys});
    listing.add_option("PREFIX", arguments->prefix, "only keys that start with this");

    auto& removal =
        program.command(group, "rm", "delete a value",
                        [arguments](Context& context) { return remove(context, *arguments); },
                        {.acks = true, .objects = Objects::Keys});
    removal.add_option("KEY", arguments->key, "the key")->required();
}

}  // namespace shoal::cli
