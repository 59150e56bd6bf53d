// The hidden `__manual`: the page for man(1), made of the words of --help, so that it can never say
// less or otherwise.
#include "cli/commands.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr const char* kAbout = R"(.SH DESCRIPTION
Every node of a cluster runs the same daemon,
.BR "shoal agent" ;
there is no master.
Any node accepts a job, answers a query, and survives the loss of all the others.
All other commands ask the agent of this machine, or the nodes that
.B SHOAL_ADDR
names.
)";

constexpr const char* kRest = R"(.SH FILES
.TP
.I /etc/shoal/agent.yaml
settings of the agent, in the words of its flags;
.B shoal agent \-\-print\-config
shows what they come to
.TP
.I /var/lib/shoal
identity, keys and data of this node
.TP
.I /run/shoal/shoal.sock
where the agent answers root and members of the group
.B shoal
.SH SEE ALSO
.BR containerd (1),
.BR nft (8),
.I /usr/share/doc/shoal/operations.md.gz
)";

// What roff would read otherwise: backslashes, a hyphen in place of a minus, dots that open a line.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (out.empty() || out.back() == '\n') {
            if (c == '.' || c == '\'') out += "\\&";
        }
        if (c == '\\' || c == '-') out += '\\';
        out += c;
        if (c == '\\') out += 'e';
    }
    if (!out.ends_with('\n')) out += '\n';
    return out;
}

std::string as_it_is(std::string_view text) {
    return ".nf\n" + roff(text) + ".fi\n";
}

// Help without its description, which is the heading here, and without what is said once, below.
std::string help_of(const CLI::App& command, const std::string& line) {
    // Not help(), which speaks of the command that was parsed: this one.
    auto text = command.get_formatter()->make_help(&command, line, CLI::AppFormatMode::Normal);
    if (const auto usage = text.find("Usage:"); usage != std::string::npos) text.erase(0, usage);
    for (const auto* app = &command; app != nullptr; app = app->get_parent()) {
        const auto footer = app->get_footer().empty() ? text.npos : text.rfind(app->get_footer());
        if (footer != text.npos) text.erase(footer);
    }
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

void add_commands_of(const CLI::App& app, const std::string& line, std::string& out) {
    for (const auto* below : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (below->get_group().empty()) continue;  // hidden
        const auto words = line + " " + below->get_name();
        const bool gathers = below->get_require_subcommand_min() > 0;
        if (!gathers) {
            out += ".SS " + roff(words) + roff(below->get_description());
            out += ".PP\n" + as_it_is(help_of(*below, words));
        }
        add_commands_of(*below, words, out);
    }
}

std::string manual(const CLI::App& root) {
    std::string out = ".TH SHOAL 1 \"\" \"shoal " SHOAL_VERSION "\" \"User Commands\"\n";
    out += ".SH NAME\nshoal \\- container scheduler and service registry with no master\n";
    out += ".SH SYNOPSIS\n.B shoal\n.RI [ options ]\n.I command\n.RI [ words ]\n";
    out += kAbout;
    out += ".SH OPTIONS\nFlags of every command, before or after it.\n.PP\n";
    auto global = help_of(root, root.get_name());
    global.erase(std::min(global.size(), global.find("\nSubcommands:")));
    out += as_it_is(global);
    out += ".SH COMMANDS\n";
    add_commands_of(root, root.get_name(), out);
    out += ".SH ENVIRONMENT AND EXIT STATUS\n" + as_it_is(root.get_footer());
    return out + kRest;
}

}  // namespace

void add_manual_command(Program& program) {
    auto& hidden = program.command(program.root(), "__manual", "the manual page, for man",
                                   [&program](Context& context) -> Outcome<Exit> {
                                       context.world.out << manual(program.root());
                                       return Exit::Ok;
                                   },
                                   {.local = true});
    hidden.group("");
}

}  // namespace shoal::cli
