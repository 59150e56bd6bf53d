// `shoal doctor`: is this machine fit for shoal, and what would make it so? Needs no agent.
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace shoal::cli {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr const char* kDataDir = "/var/lib/shoal";
constexpr const char* kContainerd = "/run/containerd/containerd.sock";
constexpr std::uint16_t kPort = 7373;

struct Arguments {
    std::string data_dir{};
};

// Where the agent listens, if it is one of this machine.
std::string local_socket(const Client& client) {
    for (const auto& address : client.settings().addresses) {
        if (const auto* found = std::get_if<UnixAddress>(&address)) return found->path;
    }
    return {};
}

// "10.0.0.1:7373" -> 7373
std::optional<std::uint16_t> port_in(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto number =
        parse_number(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!number || *number == 0 || *number > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

// What the agent says goes before what its environment would make it.
MachineQuestion question_for(const Context& context, const Arguments& arguments,
                             const Json& status) {
    const auto& world = context.world;
    const auto first = [](std::initializer_list<std::string> choices) {
        return *std::find_if(choices.begin(), choices.end() - 1,
                             [](const std::string& choice) { return !choice.empty(); });
    };
    const auto port = port_in(text_at(status, "address"));
    return {.agent_socket = local_socket(context.client),
            .data_dir = first({arguments.data_dir, text_at(status, "data_dir"),
                               world.variable("SHOAL_DATA_DIR"), kDataDir}),
            .containerd_socket = kContainerd,
            .port = port ? *port : port_in(world.variable("SHOAL_PORT")).value_or(kPort)};
}

View view_of(const Context& context, const std::vector<Check>& checks) {
    View view{Json::array(), {}, {}, {}};
    Table table{{"CHECK", "STATE", "FINDING"}};
    table.wrap_last_column(context.width());
    std::size_t warnings = 0;
    std::size_t failures = 0;
    for (const auto& check : checks) {
        const std::string state{to_string(check.state)};
        view.names.push_back(check.name);
        view.document.push_back({{"check", check.name},
                                 {"state", state},
                                 {"finding", check.finding},
                                 {"fix", check.fix}});
        const bool bad = check.state == Check::State::Failed;
        const bool odd = check.state == Check::State::Warning;
        warnings += odd ? 1 : 0;
        failures += bad ? 1 : 0;
        table.row({{check.name},
                   {state, bad   ? Tone::Bad
                           : odd ? Tone::Warning
                                 : Tone::Good},
                   {check.finding + (check.fix.empty() ? "" : "\nfix: " + check.fix)}});
    }
    view.text =
        context.printed(table) + fmt::format("{}: {} failed, {}\n", counted(checks.size(), "check"),
                                             failures, counted(warnings, "warning"));
    view.quiet = "";
    return view;
}

// Of the agent of this machine; what another one says is no finding here.
Outcome<Answer> local_status(Context& context) {
    if (local_socket(context.client).empty()) {
        return failed({Exit::Unreachable,
                       {},
                       "SHOAL_ADDR names no agent of this machine",
                       "without SHOAL_ADDR, or on that machine"});
    }
    return context.client.call({.wanted = "read the status",
                                .path = "/v1/status",
                                .timeout = context.flags.timeout.value_or(kPatience)});
}

Outcome<Exit> doctor(Context& context, const Arguments& arguments) {
    if (!context.flags.node.empty()) {
        return failed({Exit::Usage, "examine " + context.flags.node,
                       "doctor looks at the machine it runs on", "ssh there, and shoal doctor"});
    }
    Patient patient;
    auto status = local_status(context);
    if (status) {
        patient.status = std::move(status->body);
    } else {
        patient.silence = status.error();
    }
    patient.question = question_for(context, arguments, patient.status);
    patient.facts = context.world.examine(patient.question);
    const auto checks = checks_of(patient);
    print(view_of(context, checks), context.flags.shape, context.world.out);
    const bool sick = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
        return check.state == Check::State::Failed;
    });
    return sick ? Exit::Failed : Exit::Ok;
}

}  // namespace

void add_doctor_command(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& command = program.command(
        program.root(), "doctor", "is this machine fit for shoal, and what would make it so",
        [arguments](Context& context) { return doctor(context, *arguments); });
    command.add_option("--data-dir", arguments->data_dir, "of the agent, if it cannot be asked")
        ->type_name("DIR");
}

}  // namespace shoal::cli
