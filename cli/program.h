// The command line as a whole: global flags, the tree of commands, and what running one means.
//
// CLI11 parses; its exceptions end in program.cpp. A command registers its words and an Action; the
// action runs after parsing, with the flags read and a client made.
#pragma once

#include "cli/context.h"
#include "cli/world.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shoal::cli {

// What a shell may complete an argument with, from the live cluster.
enum class Objects : std::uint8_t { None, Jobs, Nodes, JobsAndNodes, Keys, Images };

struct Traits {
    bool watch = false;  // takes -w
    bool acks = false;   // takes --acks
    bool local = false;  // asks no node
    bool tail = false;   // what follows its first argument is not ours to read (cli/tail.h)
    Objects objects = Objects::None;
};

class Program {
public:
    explicit Program(World& world);

    [[nodiscard]] CLI::App& root() { return app_; }

    // A word that only gathers commands: `shoal job`.
    CLI::App& group(const std::string& name, const std::string& help);

    CLI::App& command(CLI::App& parent, const std::string& name, const std::string& help,
                      Action action, Traits traits = {});

    [[nodiscard]] Objects objects_of(const CLI::App& command) const;

    // The exit status. `arguments` without the program's name.
    int run(std::vector<std::string> arguments);

private:
    struct Command {
        Action action{};
        Traits traits{};
    };

    struct Words {  // of the global flags, as typed
        std::string format{};
        std::string timeout{};
        std::string acks{};
        Flags flags{};
    };

    std::vector<std::string> without_tail(std::vector<std::string> arguments);
    Outcome<Flags> flags_for(const Command& command) const;
    Outcome<Exit> carry_out(const Command& command);
    [[nodiscard]] const Command* chosen() const;

    World& world_;
    CLI::App app_;
    Words words_{};
    std::vector<std::string> tail_{};
    std::map<const CLI::App*, Command> commands_;
};

// Everything but `agent`, which needs the daemon.
void add_commands(Program& program);

}  // namespace shoal::cli
