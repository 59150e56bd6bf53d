#include "node/host/daemon/stats_route.h"

#include "node/host/daemon/answers.h"
#include "node/host/daemon/views.h"

#include <chrono>
#include <nlohmann/json.hpp>

namespace shoal::host {

using nlohmann::json;

http::Response answer_stats(Member& member, const http::Request& request) {
    const auto job = request.query.find("job");
    json containers = json::array();
    for (const auto& [id, promise] : member.agent().placement().ledger().all()) {
        if (job != request.query.end() && id.slot.job != job->second) continue;
        const auto usage = member.usage(id);
        if (!usage) continue;
        containers.push_back({{"job", id.slot.job},
                              {"index", id.slot.index},
                              {"epoch", id.epoch},
                              {"cpu_ns", usage->cpu_ns},
                              {"memory_bytes", usage->memory_bytes},
                              {"memory_limit_bytes", usage->memory_limit_bytes},
                              {"processes", usage->processes}});
    }
    // Of a clock that never jumps, so that two answers give a share of a core.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return answer({{"node", display_name(member.agent(), member.agent().self())},
                   {"at_ns", std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()},
                   {"containers", std::move(containers)}});
}

}  // namespace shoal::host
