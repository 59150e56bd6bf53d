// `shoal completion bash|zsh|fish`, and the hidden `__complete` its scripts call.
//
// One place decides what fits: the tree of commands itself, and for names the live cluster, which
// gets 300 ms and is otherwise passed over.
#include "cli/commands.h"
#include "cli/text.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{300};

constexpr const char* kBash = R"(_shoal() {
    local IFS=$'\n'
    COMPREPLY=($(shoal __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _shoal shoal
)";

constexpr const char* kZsh = R"(#compdef shoal
_shoal() {
    local -a found
    found=("${(@f)$(shoal __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n $found[1] ]]; then compadd -a found; else _files; fi
}
# Loaded by name from a folder of functions, this is the first call; sourced, it only registers.
if [[ $funcstack[1] == _shoal ]]; then _shoal; else compdef _shoal shoal; fi
)";

constexpr const char* kFish = R"(function __shoal_complete
    set -l words (commandline -opc)
    shoal __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c shoal -a '(__shoal_complete)'
)";

Outcome<Exit> print_script(Context& context, const std::string& shell) {
    const auto* script = shell == "bash"   ? kBash
                         : shell == "zsh"  ? kZsh
                         : shell == "fish" ? kFish
                                           : nullptr;
    if (script == nullptr) {
        return failed({Exit::Usage, "complete for '" + shell + "'", "no such shell is known",
                       "shoal completion bash, zsh or fish"});
    }
    context.world.out << script;
    return Exit::Ok;
}

// The command the words before the cursor lead to. Flags are stepped over; their values are words
// that name no command, so they do not matter.
CLI::App& command_at(CLI::App& root, const std::vector<std::string>& words) {
    auto* at = &root;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        for (auto* below : at->get_subcommands([](CLI::App*) { return true; })) {
            if (below->get_name() != words[i]) continue;
            at = below;
            break;
        }
    }
    return *at;
}

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> out;
    for (const auto* app = &command; app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options()) {
            for (const auto& name : option->get_lnames()) {
                out.push_back("--" + name);
            }
        }
    }
    return out;
}

std::vector<std::string> names_of(Context& context, Objects objects) {
    const auto ask = [&](const char* path, const char* name) -> std::vector<std::string> {
        const auto answer = context.client.call({.path = path, .timeout = kPatience});
        return answer ? texts_of(answer->body, name) : std::vector<std::string>{};
    };
    switch (objects) {
        case Objects::Jobs:
            return ask("/v1/jobs", "name");
        case Objects::Nodes:
            return ask("/v1/nodes", "name");
        case Objects::JobsAndNodes: {
            auto all = ask("/v1/jobs", "name");
            const auto nodes = ask("/v1/nodes", "name");
            all.insert(all.end(), nodes.begin(), nodes.end());
            return all;
        }
        case Objects::Keys:
            return ask("/v1/kv", "key");
        case Objects::Images:
            return ask("/v1/images", "name");
        case Objects::None:
            break;
    }
    return {};
}

std::vector<std::string> candidates(Program& program, Context& context,
                                    const std::vector<std::string>& words) {
    const auto& command = command_at(program.root(), words);
    const std::string_view last =
        words.empty() ? std::string_view{} : std::string_view{words.back()};
    if (last.starts_with('-')) return flags_of(command);
    std::vector<std::string> out;
    for (const auto* below : command.get_subcommands([](const CLI::App*) { return true; })) {
        if (!below->get_group().empty()) out.push_back(below->get_name());
    }
    return out.empty() ? names_of(context, program.objects_of(command)) : out;
}

Outcome<Exit> complete(Program& program, Context& context, const std::vector<std::string>& words) {
    const std::string prefix = words.empty() ? "" : words.back();
    for (const auto& word : candidates(program, context, words)) {
        if (word.starts_with(prefix)) context.world.out << printable(word) << '\n';
    }
    return Exit::Ok;
}

}  // namespace

void add_completion_commands(Program& program) {
    auto shell = std::make_shared<std::string>();
    auto& command = program.command(
        program.root(), "completion", "print a script that completes words in a shell",
        [shell](Context& context) { return print_script(context, *shell); }, {.local = true});
    command.add_option("SHELL", *shell, "bash, zsh or fish")->required();

    auto words = std::make_shared<std::vector<std::string>>();
    auto& hidden = program.command(
        program.root(), "__complete", "the words that fit next",
        [&program, words](Context& context) { return complete(program, context, *words); });
    hidden.group("");
    hidden.add_option("WORD", *words, "the words so far, the last one unfinished");
}

}  // namespace shoal::cli
