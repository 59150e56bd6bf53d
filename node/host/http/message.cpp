#include "node/host/http/message.h"

#include "node/base/overloaded.h"

#include <nlohmann/json.hpp>

namespace shoal::host::http {

std::string to_string(const Peer& peer) {
    return std::visit(
        Overloaded{[](const RelayPeer& relay) { return "node " + to_hex(relay.node); },
                   [](const TcpPeer& tcp) { return shoal::to_string(tcp.address); },
                   [](const UnixPeer& local) {
                       return "uid " + std::to_string(local.uid) + " pid " +
                              std::to_string(local.pid);
                   }},
        peer);
}

Response json_error(int status, std::string_view code, std::string_view message,
                    std::string_view hint) {
    nlohmann::ordered_json error{{"code", code}, {"message", message}};
    if (!hint.empty()) error["hint"] = hint;
    const nlohmann::ordered_json body{{"error", std::move(error)}};
    Response out{};
    out.status = status;
    out.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return out;
}

Response to_response(const Refusal& refusal) {
    auto out = json_error(refusal.status, refusal.code, refusal.message, refusal.hint);
    // RFC 9110 section 11.6.1: a 401 says what would be accepted.
    if (refusal.status == 401) out.headers["WWW-Authenticate"] = "Bearer";
    return out;
}

}  // namespace shoal::host::http
