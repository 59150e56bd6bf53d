#include "node/host/daemon/routes.h"

#include "node/agent/facts.h"
#include "node/api/content.h"
#include "node/api/quantities.h"
#include "node/host/daemon/answers.h"
#include "node/host/daemon/job_json.h"
#include "node/host/daemon/log_routes.h"
#include "node/host/daemon/requests.h"
#include "node/host/daemon/stats_route.h"
#include "node/host/daemon/views.h"
#include "node/host/daemon/volume_routes.h"
#include "node/host/http/client.h"
#include "placement/waiting.h"

#include <asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace shoal::host {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

constexpr std::string_view kJobs = "/v1/jobs/";
constexpr std::string_view kKv = "/v1/kv/";
constexpr std::string_view kLogs = "/v1/logs/";
constexpr std::string_view kNodes = "/v1/nodes/";
constexpr std::size_t kValueMax = 64U << 10U;

bool is_local(const Request& request) {
    return std::holds_alternative<http::UnixPeer>(request.peer);
}

}  // namespace

void Routes::handle(const Request& request, const Respond& respond) {
    if (request.method != "GET") {
        spdlog::info("{} {} by {}", request.method, request.path, http::to_string(request.peer));
    }
    const auto node = request.query.find("node");
    if (node != request.query.end()) {
        Request without = request;
        without.query.erase("node");
        relay(std::move(without), node->second, respond);
        return;
    }
    of_process(request, respond);
}

void Routes::relay(Request request, const std::string& name, const Respond& respond) {
    Member* member = node_.member();
    if (member == nullptr) {
        respond(
            error(Errc::Unavailable, "this node is in no cluster, so it knows no '" + name + "'"));
        return;
    }
    const auto to = find_node(member->agent(), name);
    if (!to) {
        respond(error(to.error().code, to.error().detail));
        return;
    }
    if (*to == member->agent().self()) {
        of_process(request, respond);
        return;
    }
    if (std::holds_alternative<http::RelayPeer>(request.peer)) {
        respond(http::json_error(403, "forbidden", "a relayed request is not relayed again"));
        return;
    }
    member->open_relay(*to, [this, request = std::move(request), name,
                             respond](Result<std::shared_ptr<Pipe>> pipe) {
        if (!pipe) {
            respond(error(Errc::Unavailable,
                          "node " + name + " cannot be reached from here: " + pipe.error().detail));
            return;
        }
        http::forward(loop_, std::move(*pipe), request, {}, [name, respond](Result<Response> got) {
            respond(got ? std::move(*got)
                        : error(got.error().code, "node " + name + ": " + got.error().detail));
        });
    });
}

// What can be asked of a node in no cluster too.
void Routes::of_process(const Request& request, const Respond& respond) {
    const auto& path = request.path;
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    if (path == "/v1/version") {
        respond(get ? answer(view_version()) : bad_method(request));
    } else if (path == "/v1/status") {
        respond(get ? answer(view_status(node_)) : bad_method(request));
    } else if (path == "/v1/events") {
        if (get) {
            events(request, respond);
        } else {
            respond(bad_method(request));
        }
    } else if (path == "/v1/token") {
        if (!get) {
            respond(bad_method(request));
        } else if (!is_local(request)) {
            respond(
                http::json_error(403, "forbidden", "the token is told on the UNIX socket only"));
        } else {
            respond(answer_token(node_));
        }
    } else if (path == "/v1/init" || path == "/v1/join" || path == "/v1/leave" ||
               path == "/v1/reset") {
        if (!post) {
            respond(bad_method(request));
        } else if (std::holds_alternative<http::RelayPeer>(request.peer) && path != "/v1/leave") {
            respond(http::json_error(403, "forbidden", path + " is not taken from another node"));
        } else if (const auto body = body_of(request); !body) {
            respond(error(body.error().code, body.error().detail));
        } else {
            respond(change_membership(node_, path, *body));
        }
    } else if (Member* member = node_.member(); member != nullptr) {
        of_member(*member, request, respond);
    } else {
        respond(http::json_error(409, "not-member", "this node is in no cluster",
                                 "shoal init, or shoal join ADDR"));
    }
}

void Routes::of_member(Member& member, const Request& request, const Respond& respond) {
    const auto& path = request.path;
    const auto& agent = member.agent();
    const bool get = request.method == "GET";
    if (images_.handle(member, request, respond)) return;
    if (handle_volumes(member, request, respond)) return;
    if (path == "/v1/nodes" || path == "/v1/jobs" || path == "/v1/slots" || path == "/v1/kv") {
        if (!get) {
            respond(bad_method(request));
        } else if (path == "/v1/nodes") {
            respond(answer(view_nodes(agent)));
        } else if (path == "/v1/jobs") {
            respond(answer(view_jobs(agent)));
        } else if (path == "/v1/slots") {
            respond(answer(view_slots(agent)));
        } else {
            const auto prefix = request.query.find("prefix");
            respond(
                answer(view_values(agent, prefix == request.query.end() ? "" : prefix->second)));
        }
    } else if (path == "/v1/stats") {
        respond(get ? answer_stats(member, request) : bad_method(request));
    } else if (path.starts_with(kNodes)) {
        const auto node = find_node(agent, path.substr(kNodes.size()));
        respond(!get    ? bad_method(request)
                : !node ? error(node.error().code, node.error().detail)
                        : answer(view_node(agent, *node)));
    } else if (path.starts_with(kJobs)) {
        jobs(member, request, path.substr(kJobs.size()), respond);
    } else if (path.starts_with(kLogs) && get) {
        answer_logs(loop_, node_, request, path.substr(kLogs.size()), respond);
    } else if (path.starts_with(kLogs)) {
        respond(bad_method(request));
    } else if (path.starts_with(kKv)) {
        values(member, request, path.substr(kKv.size()), respond);
    } else {
        respond(not_found("there is nothing at " + path, "docs/api.md lists what there is"));
    }
}

void Routes::jobs(Member& member, const Request& request, const std::string& rest,
                  const Respond& respond) {
    const auto& agent = member.agent();
    const bool scale = rest.ends_with("/scale") && request.method == "POST";
    // A service of a Compose file may be called that, too.
    const bool explain = rest.ends_with("/explain") && request.method == "GET" &&
                         agent.placement().view().spec(rest) == nullptr;
    const std::string name = scale     ? rest.substr(0, rest.size() - 6)
                             : explain ? rest.substr(0, rest.size() - 8)
                                       : rest;
    const auto missing = [&] {
        return not_found("there is no job '" + name + "'", "shoal job ls lists them");
    };
    if (explain) {
        const auto found = view_explain(agent, node_.clock().now(), name);
        respond(found ? answer(*found) : missing());
        return;
    }
    if (request.method == "GET") {
        const auto found = view_job(agent, name);
        respond(found ? answer(*found) : missing());
        return;
    }
    const auto wishes = wishes_of(request);
    if (!wishes) {
        respond(error(wishes.error().code, wishes.error().detail));
        return;
    }
    const auto done = [&member, name, respond,
                       submission = wishes->submission](const store::WriteDone& written) {
        respond(answer_write(member, submission, written, "name", name));
    };
    const placement::JobSpec* known = agent.placement().view().spec(name);
    if (request.method == "DELETE") {
        if (known == nullptr) {
            respond(missing());
            return;
        }
        member.write({.key = placement::job_key(name),
                      .submission = wishes->submission,
                      .wall = node_.clock().wall(),
                      .acks = wishes->acks},
                     done);
        return;
    }
    if (!scale && request.method != "PUT") {
        respond(bad_method(request));
        return;
    }
    const auto body = body_of(request);
    if (!body) {
        respond(error(body.error().code, body.error().detail));
        return;
    }
    agent::ClientJob job{.submission = wishes->submission,
                         .wall = node_.clock().wall(),
                         .acks = wishes->acks,
                         .only_if_absent = wishes->if_absent};
    if (scale) {
        if (known == nullptr) {
            respond(missing());
            return;
        }
        job.spec = *known;
        if (job.spec.global) {
            respond(error(Errc::Malformed,
                          "'" + name + "' is global: it has one replica on each node"));
            return;
        }
        const auto replicas = body->find("replicas");
        if (body->size() != 1 || replicas == body->end() || !replicas->is_number_unsigned() ||
            replicas->get<std::uint64_t>() > placement::kReplicasMax) {
            respond(error(Errc::Malformed, "expected {\"replicas\": N} with N from 0 to " +
                                               std::to_string(placement::kReplicasMax)));
            return;
        }
        job.spec.replicas = replicas->get<std::uint32_t>();
    } else {
        auto spec = parse_job(*body);
        if (!spec || spec->name != name) {
            respond(spec ? error(Errc::Malformed, "name: the body names '" + spec->name +
                                                      "', the path '" + name + "'")
                         : error(spec.error().code, spec.error().detail));
            return;
        }
        const auto ordered = placement::check_order(agent.placement().view(), *spec);
        if (!ordered) {
            respond(error(ordered.error().code, ordered.error().detail));
            return;
        }
        job.spec = std::move(*spec);
        images_.pin(member, std::move(job), done, respond);
        return;
    }
    member.submit(std::move(job), done);
}

void Routes::values(Member& member, const Request& request, const std::string& key,
                    const Respond& respond) {
    const auto missing = [&] {
        return not_found("there is no value '" + key + "'", "shoal kv ls lists them");
    };
    const auto found = view_value(member.agent(), key);
    if (request.method == "GET") {
        respond(found ? answer(*found) : missing());
        return;
    }
    if (request.method != "PUT" && request.method != "DELETE") {
        respond(bad_method(request));
        return;
    }
    const auto wishes = wishes_of(request);
    if (!wishes) {
        respond(error(wishes.error().code, wishes.error().detail));
        return;
    }
    agent::ClientWrite write{.key = std::string{agent::kKvPrefix} + key,
                             .submission = wishes->submission,
                             .wall = node_.clock().wall(),
                             .acks = wishes->acks,
                             .only_if_absent = wishes->if_absent};
    if (request.method == "DELETE") {
        if (!found) {
            respond(missing());
            return;
        }
    } else {
        const auto body = body_of(request);
        const bool text =
            body && body->size() == 1 && body->contains("value") && (*body)["value"].is_string();
        const bool coded = body && body->size() == 1 && body->contains("value_base64") &&
                           (*body)["value_base64"].is_string();
        std::optional<Bytes> bytes;
        if (text) bytes = to_bytes((*body)["value"].get<std::string>());
        if (coded) {
            const auto plain = api::from_base64((*body)["value_base64"].get<std::string>());
            if (plain) bytes = to_bytes(*plain);
        }
        if (!bytes) {
            respond(error(Errc::Malformed, body ? "expected {\"value\": TEXT} or "
                                                  "{\"value_base64\": BASE64}"
                                                : body.error().detail));
            return;
        }
        if (bytes->size() > kValueMax) {
            respond(error(Errc::TooLarge, "value: " + std::to_string(bytes->size()) +
                                              " bytes; at most " + std::to_string(kValueMax)));
            return;
        }
        write.body = Blob{std::move(*bytes)};
    }
    member.write(std::move(write), [&member, key, respond,
                                    submission = wishes->submission](const store::WriteDone& done) {
        respond(answer_write(member, submission, done, "key", key));
    });
}

void Routes::events(const Request& request, const Respond& respond) {
    const auto since = number_of(request, "since");
    const auto wait = number_of(request, "wait_ms");
    if (!since || !wait || *wait > 30'000) {
        respond(error(Errc::Malformed, "since: a number; wait_ms: at most 30000"));
        return;
    }
    auto now = view_events(node_.events(), *since);
    if (*wait == 0 || !now["events"].empty()) {
        respond(answer(now));
        return;
    }
    // The first that comes, or the end of the wait.
    auto timer = std::make_shared<asio::steady_timer>(loop_, std::chrono::milliseconds{*wait});
    const auto follower = node_.events().follow([timer](const Event&) { timer->cancel(); });
    timer->async_wait([this, timer, follower, respond, since = *since](const std::error_code&) {
        node_.events().unfollow(follower);
        respond(answer(view_events(node_.events(), since)));
    });
}

}  // namespace shoal::host
