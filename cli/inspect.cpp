// `shoal inspect NAME`: all about a job or a node, whichever has that name.
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/node.h"
#include "cli/text.h"

#include <memory>
#include <string>

namespace shoal::cli {
namespace {

bool is_there(const Outcome<View>& view) {
    return view || view.error().exit == Exit::Conflict;  // several nodes of one name are nodes too
}

Outcome<View> inspect_view(Context& context, const std::string& name) {
    const auto wanted = "inspect '" + name + "'";
    auto job = job_view(context, name);
    if (!job && job.error().exit != Exit::Failed) return job;
    auto node = node_view(context, name);
    if (job && is_there(node)) {
        return failed({Exit::Conflict, wanted, "it is the name of a job and of a node",
                       "shoal job inspect " + name + ", or shoal node inspect " + name});
    }
    if (job) return job;
    if (is_there(node) || node.error().exit != Exit::Failed) return node;
    const auto& one = job.error().happened;
    const auto& other = node.error().happened;
    return failed({Exit::Failed, wanted, one == other ? one : one + "\n" + other,
                   "shoal ls and shoal node ls list what there is"});
}

}  // namespace

void add_inspect_command(Program& program) {
    auto name = std::make_shared<std::string>();
    auto& command = program.command(
        program.root(), "inspect", "all about a job or a node",
        [name](Context& context) {
            return show(context, [&](Context& c) { return inspect_view(c, *name); });
        },
        {.watch = true, .objects = Objects::JobsAndNodes});
    command.add_option("NAME", *name, "the job or the node")->required();
}

}  // namespace shoal::cli
