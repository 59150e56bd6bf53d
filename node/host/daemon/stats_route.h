// GET /v1/stats: what the containers of this node use now.
#pragma once

#include "node/host/daemon/member.h"
#include "node/host/http/message.h"

namespace shoal::host {

// `job` in the query asks for its containers alone.
[[nodiscard]] http::Response answer_stats(Member& member, const http::Request& request);

}  // namespace shoal::host
