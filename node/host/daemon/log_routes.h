// GET /v1/logs/NAME: what the containers of a job on this node have said.
#pragma once

#include "node/host/daemon/node.h"
#include "node/host/http/message.h"

#include <asio/io_context.hpp>

#include <functional>
#include <string>

namespace shoal::host {

// `respond` is called once, later, unless the node ends before. `name` as it stands in the path.
void answer_logs(asio::io_context& loop, Node& node, const http::Request& request,
                 const std::string& name, const std::function<void(http::Response)>& respond);

}  // namespace shoal::host
