// `shoal ps [NAME]`: every replica, where it runs and what is wrong with it.
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/replicas.h"
#include "cli/text.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace shoal::cli {
namespace {

Outcome<std::vector<Json>> slots_from(Context& context, const std::string& job) {
    const Request request =
        job.empty()
            ? Request{.wanted = "list the replicas", .path = "/v1/slots"}
            : Request{.wanted = "list the replicas of '" + job + "'", .path = job_path(job)};
    const auto answer = context.client.call(request);
    if (!answer) return failed(answer.error());
    if (!job.empty()) return slots_of(answer->body);
    std::vector<Json> out;
    for (const auto& slot : answer->body) {
        if (slot.is_object()) out.push_back(slot);
    }
    return out;
}

Outcome<View> replicas_view(Context& context, const std::string& job) {
    auto slots = slots_from(context, job);
    if (!slots) return failed(slots.error());
    return View{Json(*slots), names_of(*slots), replica_table(context, *slots), {}};
}

}  // namespace

void add_ps_command(Program& program) {
    auto job = std::make_shared<std::string>();
    auto& command = program.command(
        program.root(), "ps", "the replicas of all jobs or of one, and where they run",
        [job](Context& context) {
            return show(context, [&](Context& c) { return replicas_view(c, *job); });
        },
        {.watch = true, .objects = Objects::Jobs});
    command.add_option("NAME", *job, "a job; without: all of them");
}

}  // namespace shoal::cli
