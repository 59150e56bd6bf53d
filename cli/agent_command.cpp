// `shoal agent`: reads file, environment and flags, in that order of precedence from weak to
// strong, and becomes the daemon. The words are those of node/host/daemon/options.h, all three
// times.
#include "cli/agent_command.h"

#include "node/host/containerd/make_containerd_runtime.h"
#include "node/host/daemon/daemon.h"
#include "node/host/daemon/options.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shoal::cli {
namespace {

constexpr const char* kConfigFile = "/etc/shoal/agent.yaml";

struct Arguments {
    std::string config{};
    bool print_config = false;
    std::map<std::string, std::vector<std::string>> values{};  // by word
    std::map<std::string, bool> switches{};
};

Failure wrong(Exit exit, const Error& error) {
    return {exit, "start the agent", error.detail, "shoal agent --help"};
}

Outcome<host::AgentOptions> options_from(const Arguments& arguments, const World& world) {
    host::AgentOptions options;
    const bool named = !arguments.config.empty();
    const std::string file = named ? arguments.config : kConfigFile;
    // Only the usual file may be missing.
    std::error_code unreadable;
    if (named || std::filesystem::exists(file, unreadable)) {
        if (const auto done = host::apply_file(options, file); !done) {
            return failed(wrong(Exit::Failed, done.error()));
        }
    }
    if (const auto done = host::apply_environment(options, world.environment); !done) {
        return failed(wrong(Exit::Usage, done.error()));
    }
    for (const auto& [word, values] : arguments.values) {
        for (const auto& value : values) {
            if (const auto done = host::apply_word(options, word, value); !done) {
                return failed(wrong(Exit::Usage, {done.error().code, "--" + done.error().detail}));
            }
        }
    }
    for (const auto& [word, set] : arguments.switches) {
        if (!set) continue;
        if (const auto done = host::apply_word(options, word, "true"); !done) {
            return failed(wrong(Exit::Usage, {done.error().code, "--" + done.error().detail}));
        }
    }
    return options;
}

Outcome<Exit> run(Context& context, const Arguments& arguments) {
    const auto options = options_from(arguments, context.world);
    if (!options) return failed(options.error());
    if (arguments.print_config) {
        context.world.out << host::print_config(*options);
        return Exit::Ok;
    }
    return host::run_agent(*options, host::ctrd::make_containerd_runtime) == 0 ? Exit::Ok
                                                                               : Exit::Failed;
}

}  // namespace

void add_agent_command(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& command = program.command(
        program.root(), "agent", "run the daemon",
        [arguments](Context& context) { return run(context, *arguments); }, {.local = true});
    for (const auto& word : host::option_words()) {
        const auto flag = "--" + word.name;
        if (word.placeholder.empty()) {
            command.add_flag(flag, arguments->switches[word.name], word.help);
            continue;
        }
        // Given twice, a word that is not repeatable has the value of the last.
        command.add_option(flag, arguments->values[word.name], word.help)
            ->type_name(word.placeholder)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->allow_extra_args(false);  // one value a flag, and "[::1]" is not a list
    }
    command.add_option("--config", arguments->config, "settings, in the words of these flags")
        ->type_name("FILE")
        ->default_str(kConfigFile);
    command.add_flag("--print-config", arguments->print_config,
                     "print file, environment and flags together, and end");
}

}  // namespace shoal::cli
