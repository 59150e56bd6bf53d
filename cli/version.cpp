// `shoal version`: of this program and of the agent that answers. Without an agent: exit 7, so that
// a script can wait for one.
#include "cli/commands.h"
#include "cli/text.h"

#include <fmt/format.h>

namespace shoal::cli {
namespace {

std::string agent_line(const Json& agent) {
    return fmt::format("agent  {}, protocol {} to {}\n", printable(text_at(agent, "version")),
                       count_at(agent, "proto_min"), count_at(agent, "proto_max"));
}

Outcome<Exit> version(Context& context) {
    const auto agent =
        context.client.call({.wanted = "ask the agent's version", .path = "/v1/version"});
    const Json own = {{"version", SHOAL_VERSION}};
    View view{{{"shoal", own}, {"agent", agent ? agent->body : Json{}}},
              {SHOAL_VERSION},
              fmt::format("shoal  {}\n", SHOAL_VERSION),
              {}};
    if (agent) view.text += agent_line(agent->body);
    print(view, context.flags.shape, context.world.out);
    if (!agent) return failed(agent.error());
    return Exit::Ok;
}

}  // namespace

void add_version_command(Program& program) {
    program.command(program.root(), "version", "of this program and of the agent", version);
}

}  // namespace shoal::cli
