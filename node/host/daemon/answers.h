// Answers of the API that concern the process as a whole, and the plain shape all answers share.
#pragma once

#include "node/base/result.h"
#include "node/host/daemon/node.h"
#include "node/host/http/message.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace shoal::host {

[[nodiscard]] http::Response answer(const nlohmann::json& body, int status = 200);
[[nodiscard]] http::Response error(Errc code, const std::string& message);

[[nodiscard]] nlohmann::json view_version();
[[nodiscard]] nlohmann::json view_status(const Node& node);
[[nodiscard]] nlohmann::json view_events(const EventLog& log, std::uint64_t since);

[[nodiscard]] http::Response answer_token(const Node& node);
// `path`: /v1/init, /v1/join, /v1/leave or /v1/reset.
[[nodiscard]] http::Response change_membership(Node& node, const std::string& path,
                                               const nlohmann::json& body);

}  // namespace shoal::host
