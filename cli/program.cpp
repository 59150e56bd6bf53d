#include "cli/program.h"

#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/files.h"
#include "cli/tail.h"
#include "cli/text.h"
#include "cli/volume.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace shoal::cli {
namespace {

constexpr const char* kFooter =
    "SHOAL_ADDR lists where nodes answer, tried in order: unix:///PATH, http://HOST:PORT (with\n"
    "SHOAL_API_TOKEN or SHOAL_API_TOKEN_FILE), ssh://USER@HOST. Default: the agent of this "
    "machine.\n"
    "Exit status: 0 ok, 1 error, 2 usage, 3 not placed, 4 unhealthy, 5 timed out, 6 conflict,\n"
    "7 no node reachable, 130 stopped waiting.";

Failure usage(std::string happened, std::string hint) {
    return {Exit::Usage, {}, std::move(happened), std::move(hint)};
}

// CLI11 breaks its longer sentences over lines.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return trimmed(text);
}

std::string command_line(const CLI::App& app) {
    const auto* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : command_line(*parent) + " " + app.get_name();
}

const CLI::App& deepest(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.front());
}

// The token for http://, from the environment or from the file it names.
Outcome<std::string> bearer(const World& world) {
    if (auto token = world.variable("SHOAL_API_TOKEN"); !token.empty()) return trimmed(token);
    const auto file = world.variable("SHOAL_API_TOKEN_FILE");
    if (file.empty()) return std::string{};
    auto text = read_file(file);
    if (!text) return failed(usage("SHOAL_API_TOKEN_FILE: " + text.error().detail, {}));
    return trimmed(*text);
}

}  // namespace

Program::Program(World& world)
    : world_(world), app_("A container scheduler with no master.", "shoal") {
    app_.require_subcommand(1);
    app_.fallthrough();  // global flags may stand after the command
    app_.footer(kFooter);
    app_.set_help_flag("-h,--help", "say what a command does and takes");
    app_.add_option("-o,--output", words_.format, "table, wide, json, yaml or name")
        ->type_name("FORMAT");
    app_.add_flag("-q,--quiet", words_.flags.shape.quiet, "names only, or nothing but the answer");
    app_.add_flag("-w,--watch", words_.flags.watch, "show again every 2 s until stopped");
    app_.add_flag("-y,--yes", words_.flags.yes, "do not ask");
    app_.add_option("--timeout", words_.timeout, "give up after this long: 500ms, 3s, 2m")
        ->type_name("DURATION");
    app_.add_option("--node", words_.flags.node, "ask this node, through the one that answers")
        ->type_name("NAME");
    app_.add_option("--acks", words_.acks, "demand that many copies of a write")->type_name("N");
}

CLI::App& Program::group(const std::string& name, const std::string& help) {
    auto* app = app_.add_subcommand(name, help);
    app->require_subcommand(1);
    return *app;
}

CLI::App& Program::command(CLI::App& parent, const std::string& name, const std::string& help,
                           Action action, Traits traits) {
    auto* app = parent.add_subcommand(name, help);
    // Inherited from a group otherwise, which needs a word after it.
    app->require_subcommand(0);
    app->footer("Flags of every command: shoal --help");
    commands_[app] = {std::move(action), traits};
    return *app;
}

Objects Program::objects_of(const CLI::App& command) const {
    const auto found = commands_.find(&command);
    return found == commands_.end() ? Objects::None : found->second.traits.objects;
}

const Program::Command* Program::chosen() const {
    const auto found = commands_.find(&deepest(app_));
    return found == commands_.end() ? nullptr : &found->second;
}

Outcome<Flags> Program::flags_for(const Command& command) const {
    Flags flags = words_.flags;
    if (!words_.format.empty()) {
        const auto format = parse_format(words_.format);
        if (!format) {
            return failed(usage("-o " + words_.format + ": no such format",
                                "table, wide, json, yaml or name"));
        }
        flags.shape.format = *format;
    }
    if (!words_.timeout.empty()) {
        const auto timeout = parse_duration(words_.timeout);
        if (!timeout) return failed(usage("--timeout: " + timeout.error().detail, {}));
        flags.timeout = *timeout;
    }
    if (!words_.acks.empty()) {
        flags.acks = parse_number(words_.acks);
        if (!flags.acks) {
            return failed(usage("--acks " + words_.acks + ": not a number of copies", "--acks 3"));
        }
    }
    if (flags.watch && !command.traits.watch) {
        return failed(usage("-w is for status, ls, ps, inspect, explain and events", {}));
    }
    if (flags.acks && !command.traits.acks) {
        return failed(usage("--acks is for commands that write jobs or values", {}));
    }
    return flags;
}

Outcome<Exit> Program::carry_out(const Command& command) {
    const auto flags = flags_for(command);
    if (!flags) return failed(flags.error());
    Client::Settings settings;
    settings.node = flags->node;
    if (flags->timeout) settings.timeout = *flags->timeout;
    settings.notice = [this](const std::string& line) { world_.err << printable(line) << '\n'; };
    if (!command.traits.local) {
        auto addresses = parse_addresses(world_.variable("SHOAL_ADDR"));
        if (!addresses) return failed(usage("SHOAL_ADDR: " + addresses.error().detail, {}));
        auto token = bearer(world_);
        if (!token) return failed(token.error());
        settings.addresses = std::move(*addresses);
        settings.bearer = std::move(*token);
    }
    Context context{world_, *flags, Client{std::move(settings)}, tail_};
    return command.action(context);
}

std::vector<std::string> Program::without_tail(std::vector<std::string> arguments) {
    for (const auto& [app, command] : commands_) {
        if (command.traits.tail && tail_.empty()) tail_ = cut_tail(*app, arguments);
    }
    return arguments;
}

int Program::run(std::vector<std::string> arguments) {
    arguments = without_tail(std::move(arguments));
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
        app_.parse(std::move(arguments));
    } catch (const CLI::Success& help) {
        app_.exit(help, world_.out, world_.err);
        return static_cast<int>(Exit::Ok);
    } catch (const CLI::Error& error) {
        print(usage(one_line(error.what()), command_line(deepest(app_)) + " --help"), world_.err);
        return static_cast<int>(Exit::Usage);
    }
    const auto* command = chosen();
    if (command == nullptr) return static_cast<int>(Exit::Usage);  // require_subcommand forbids it
    const auto done = carry_out(*command);
    world_.out.flush();
    if (done) return static_cast<int>(*done);
    print(done.error(), world_.err);
    return static_cast<int>(done.error().exit);
}

void add_commands(Program& program) {
    add_cluster_commands(program);
    add_join_command(program);
    add_status_command(program);
    add_node_commands(program);
    add_config_command(program);
    add_up_commands(program);
    add_run_command(program);
    add_services_command(program);
    add_ps_command(program);
    add_stats_command(program);
    add_inspect_command(program);
    add_scale_commands(program);
    add_job_commands(program);
    add_explain_command(program);
    add_image_commands(program);
    add_volume_commands(program);
    add_logs_command(program);
    add_kv_commands(program);
    add_events_command(program);
    add_doctor_command(program);
    add_version_command(program);
    add_completion_commands(program);
    add_manual_command(program);
    add_dial_stdio_command(program);
}

}  // namespace shoal::cli
