// `shoal config [FILE]`: what a Compose file comes to, and what of it is not honoured.
//
// The answer is a Compose file again, which read again is the same. What `up` would ignore and
// refuse stands on standard error; with -q the exit status alone says whether `up` would take it.
#include "cli/commands.h"
#include "cli/compose_file.h"
#include "cli/text.h"
#include "node/compose/render.h"

#include <memory>

namespace shoal::cli {
namespace {

struct Arguments {
    ComposeWords words{};
    bool services = false;
};

Outcome<Exit> config(Context& context, const Arguments& arguments) {
    const auto file = load_compose_file(context, arguments.words);
    if (!file) return failed(file.error());
    const auto refused = lines_of_refused(*file);
    tell_what_is_ignored(context, *file);
    for (const auto line : split(refused, '\n')) {
        if (!line.empty()) context.world.err << printable(line) << '\n';
    }
    View view{.document = compose::resolved(file->project), .quiet = ""};
    for (const auto& service : file->project.services) {
        view.names.push_back(service.name);
    }
    view.text = arguments.services ? join(view.names, "\n") + "\n" : to_yaml(view.document) + "\n";
    print(view, context.flags.shape, context.world.out);
    return context.flags.shape.quiet && !refused.empty() ? Exit::Failed : Exit::Ok;
}

}  // namespace

void add_config_command(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& command = program.command(
        program.root(), "config", "what a Compose file comes to, and what of it is not honoured",
        [arguments](Context& context) { return config(context, *arguments); }, {.local = true});
    add_file_options(command, arguments->words);
    add_key_options(command, arguments->words);
    command.add_flag("--services", arguments->services, "the names of the services alone");
}

}  // namespace shoal::cli
