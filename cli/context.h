// One run of one command: what was asked on the command line, the world, and the node to ask.
#pragma once

#include "cli/client.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/world.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace shoal::cli {

// The flags every command takes.
struct Flags {
    Shape shape{};
    bool watch = false;
    bool yes = false;
    std::optional<std::chrono::milliseconds> timeout{};
    std::optional<std::uint64_t> acks{};
    std::string node{};
};

struct Context {
    World& world;
    Flags flags{};
    Client client;
    std::vector<std::string> tail{};  // the words a command asked not to be read

    [[nodiscard]] bool wide() const { return flags.shape.format == Format::WideColumns; }

    // Are there people reading along, for whom hints and progress are meant?
    [[nodiscard]] bool talkative() const {
        return !flags.shape.quiet &&
               (flags.shape.format == Format::Columns || flags.shape.format == Format::WideColumns);
    }

    // Of the terminal the answer goes to; 0 where there is none, since lines belong whole in a
    // pipe.
    [[nodiscard]] std::size_t width() const { return world.out_is_terminal ? world.width : 0; }

    [[nodiscard]] Table::Colour colour() const;
    [[nodiscard]] std::string printed(const Table& table) const;
};

using Action = std::function<Outcome<Exit>(Context&)>;
using Query = std::function<Outcome<View>(Context&)>;

// Prints the view of `query`; with -w again every two seconds, through failures that may pass,
// until the person stops it.
Outcome<Exit> show(Context& context, const Query& query);

// Asks before something is destroyed. Without a terminal, only -y is a yes.
Outcome<void> confirm(Context& context, const std::string& wanted, const std::string& consequence);

// "warning: ..." on standard error.
void warn(Context& context, const std::string& text);

}  // namespace shoal::cli
