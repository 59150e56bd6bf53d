#include "cli/context.h"

#include "cli/text.h"

#include <chrono>
#include <sstream>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr std::chrono::seconds kRedrawEvery{2};
constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J\x1b[3J";

bool may_pass(const Failure& failure) {
    return failure.exit == Exit::Unreachable || failure.exit == Exit::TimedOut;
}

}  // namespace

Table::Colour Context::colour() const {
    const bool on = world.out_is_terminal && world.variable("NO_COLOR").empty() &&
                    world.variable("TERM") != "dumb";
    return on ? Table::Colour::On : Table::Colour::Off;
}

std::string Context::printed(const Table& table) const {
    std::ostringstream out;
    table.print(out, colour());
    return out.str();
}

Outcome<Exit> show(Context& context, const Query& query) {
    for (;;) {
        const auto view = query(context);
        if (!view && !(context.flags.watch && may_pass(view.error()))) {
            return failed(view.error());
        }
        // The old picture stays until the new one is there.
        if (context.flags.watch && context.world.out_is_terminal) context.world.out << kClearScreen;
        if (view) {
            print(*view, context.flags.shape, context.world.out);
        } else {
            print(view.error(), context.world.err);
        }
        context.world.out.flush();
        if (!context.flags.watch || !context.world.pause(kRedrawEvery)) return Exit::Ok;
        if (!context.world.out_is_terminal) context.world.out << '\n';
    }
}

Outcome<void> confirm(Context& context, const std::string& wanted, const std::string& consequence) {
    if (context.flags.yes) return {};
    if (!context.world.in_is_terminal) {
        return failed({Exit::Usage, wanted,
                       consequence + "; that needs a yes, and there is no terminal to ask",
                       "the same with -y"});
    }
    context.world.err << "To " << wanted << ": " << consequence << ".\nGo on? [y/N] " << std::flush;
    std::string line;
    std::getline(context.world.in, line);
    const auto answer = trimmed(line);
    if (answer == "y" || answer == "Y" || answer == "yes") return {};
    return failed({Exit::Failed, wanted, "not confirmed; nothing was changed", {}});
}

void warn(Context& context, const std::string& text) {
    context.world.err << "warning: " << printable(text) << '\n';
}

}  // namespace shoal::cli
