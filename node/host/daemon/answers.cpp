#include "node/host/daemon/answers.h"

#include "node/host/daemon/views.h"

#include <utility>
#include <vector>

namespace shoal::host {

using nlohmann::json;

http::Response answer(const json& body, int status) {
    // Names and values of strangers may hold bytes that are not UTF-8.
    return {.status = status,
            .body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
}

http::Response error(Errc code, const std::string& message) {
    switch (code) {
        case Errc::Malformed:
            return http::json_error(400, "malformed", message);
        case Errc::TooLarge:
            return http::json_error(413, "too-large", message);
        case Errc::NotFound:
            return http::json_error(404, "not-found", message);
        case Errc::Conflict:
            return http::json_error(409, "conflict", message);
        case Errc::Refused:
        case Errc::Denied:
            return http::json_error(403, "forbidden", message);
        case Errc::Unavailable:
            return http::json_error(503, "unavailable", message);
        case Errc::TimedOut:
            return http::json_error(504, "timeout", message);
        case Errc::Full:
        case Errc::Io:
            return http::json_error(507, "disk", message);
    }
    return http::json_error(507, "disk", message);
}

json view_version() {
    return {{"version", SHOAL_VERSION}, {"proto_min", kProto.min}, {"proto_max", kProto.max}};
}

json view_status(const Node& node) {
    const auto& options = node.options();
    json out{{"node", options.name},
             {"id", nullptr},
             {"state", "idle"},
             {"cluster", nullptr},
             {"address", nullptr},
             {"version", SHOAL_VERSION},
             {"uptime_s", static_cast<double>(node.clock().now().time_since_epoch().count()) / 1e6},
             {"data_dir", options.data_dir},
             {"runtime", to_string(options.runtime)},
             {"seeds", json::array()},
             {"warnings", json::array()}};
    const Member* member = node.member();
    if (member == nullptr) return out;
    const auto& agent = member->agent();
    out["node"] = display_name(agent, agent.self());
    out["id"] = to_hex(agent.self());
    out["cluster"] = to_hex(*node.cluster());
    out["address"] = to_string(node.advertised());
    out["state"] = node.leaving() ? "leaving" : member->joining() ? "joining" : "member";
    out["settled"] = agent.placement().settled();
    out["nodes"] = view_standings(agent);
    out["warnings"] = member->warnings();
    add_totals(agent, out);
    // Of a member, whatever the last try found is history.
    const bool joining = member->joining();
    for (const auto& seed : member->seeds().tries()) {
        out["seeds"].push_back({{"address", seed.address},
                                {"error", joining ? seed.error : ""},
                                {"rejected", joining && seed.rejected}});
    }
    return out;
}

json view_events(const EventLog& log, std::uint64_t since) {
    json all = json::array();
    std::uint64_t next = since;
    for (const Event& event : log.last(1000)) {
        next = event.sequence;
        if (event.sequence <= since) continue;
        all.push_back({{"sequence", event.sequence},
                       {"at", show_time(event.at)},
                       {"kind", event.kind},
                       {"subject", event.subject},
                       {"text", event.text}});
    }
    return {{"next", next}, {"events", std::move(all)}};
}

http::Response answer_token(const Node& node) {
    const auto token = node.token();
    if (!token) return http::json_error(409, "not-member", token.error().detail, "shoal init");
    return answer({{"token", *token}, {"address", to_string(node.advertised())}});
}

namespace {

http::Response init(Node& node) {
    const auto entered = node.init();
    if (!entered) return error(entered.error().code, entered.error().detail);
    return answer({{"cluster", to_hex(entered->cluster)},
                   {"created", entered->changed},
                   {"address", to_string(node.advertised())}});
}

http::Response join(Node& node, const json& body) {
    const auto seeds = body.find("seeds");
    const auto token = body.find("token");
    const bool good =
        seeds != body.end() && seeds->is_array() && token != body.end() && token->is_string();
    std::vector<std::string> addresses;
    if (good) {
        for (const auto& seed : *seeds) {
            if (seed.is_string()) addresses.push_back(seed.get<std::string>());
        }
    }
    if (!good || addresses.size() != seeds->size() || addresses.size() > 64) {
        return error(Errc::Malformed,
                     "expected {\"seeds\": [\"HOST:PORT\"], \"token\": TEXT}, up to 64 seeds");
    }
    const auto entered = node.join(addresses, token->get<std::string>());
    if (!entered) return error(entered.error().code, entered.error().detail);
    return answer({{"cluster", to_hex(entered->cluster)},
                   {"joined", entered->changed},
                   {"state", view_status(node)["state"]}},
                  entered->changed ? 202 : 200);
}

http::Response leave(Node& node, const json& body) {
    const auto now = body.value("now", json(false));
    const auto deadline = body.value("deadline_ms", json(30'000U));
    if (!now.is_boolean() || !deadline.is_number_unsigned() ||
        deadline.get<std::uint64_t>() > 86'400'000) {
        return error(Errc::Malformed,
                     "expected {\"now\": true or false, \"deadline_ms\": up to a day}");
    }
    const auto left = node.leave(now.get<bool>(), std::chrono::milliseconds{deadline.get<int>()});
    if (!left) return http::json_error(409, "not-member", left.error().detail);
    return answer({{"state", "leaving"}}, 202);
}

http::Response reset(Node& node) {
    const auto gone = node.reset();
    if (!gone) return error(gone.error().code, gone.error().detail);
    return answer({{"deleted", *gone}});
}

}  // namespace

http::Response change_membership(Node& node, const std::string& path, const json& body) {
    if (path == "/v1/init") return init(node);
    if (path == "/v1/join") return join(node, body);
    if (path == "/v1/leave") return leave(node, body);
    return reset(node);
}

}  // namespace shoal::host
