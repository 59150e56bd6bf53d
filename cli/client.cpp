#include "cli/client.h"

#include "cli/text.h"

#include <fmt/format.h>

#include <string_view>

namespace shoal::cli {
namespace {

std::string target_of(const Request& request, const std::string& node) {
    std::string out = request.path;
    char separator = '?';
    const auto add = [&](std::string_view key, std::string_view value) {
        out += separator;
        separator = '&';
        out.append(key).append("=").append(url_escaped(value));
    };
    for (const auto& [key, value] : request.query) {
        add(key, value);
    }
    if (!node.empty()) add("node", node);
    return out;
}

// What every address said; the hint is the first that has one.
struct Refusals {
    std::vector<std::string> lines{};
    std::string hint{};

    void add(const Address& address, const Silence& silence) {
        lines.push_back(to_string(address) + ": " + silence.reason);
        if (hint.empty()) hint = silence.hint;
    }
};

}  // namespace

Client::Client(Settings settings) : settings_(std::move(settings)) {
    for (const auto& address : settings_.addresses) {
        connections_.emplace_back(address, settings_.bearer);
    }
}

Outcome<Answer> Client::call(const Request& request) {
    return call_at(settings_.node, request);
}

Outcome<Answer> Client::call_at(const std::string& node, const Request& request) {
    HttpRequest http{.method = request.method,
                     .target = target_of(request, node),
                     .timeout = request.timeout.value_or(settings_.timeout)};
    if (request.body) http.body = dump(*request.body);
    if (request.bytes) {
        http.body = *request.bytes;
        http.content_type = "application/octet-stream";
    }
    const bool repeatable = request.repeatable || request.method == "GET";

    Refusals refusals;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        const auto index = (first_ + i) % connections_.size();
        auto& connection = connections_[index];
        const auto response = connection.exchange(http);
        if (response) {
            if (i > 0 && settings_.notice) {
                settings_.notice(fmt::format("{}; asked {} instead", join(refusals.lines, "; "),
                                             to_string(connection.address())));
            }
            first_ = index;
            return understand(request, *response);
        }
        const auto& silence = response.error();
        refusals.add(connection.address(), silence);
        if (silence.kind == Silence::Kind::TimedOut) {
            return failed({Exit::TimedOut, request.wanted, refusals.lines.back(),
                           repeatable ? "again, with a longer --timeout"
                                      : "shoal status: it may have happened all the same"});
        }
        if (silence.kind == Silence::Kind::Broken && !repeatable) {
            return failed({Exit::Unreachable, request.wanted, refusals.lines.back(),
                           "shoal status: it may have happened all the same"});
        }
    }
    return failed({Exit::Unreachable, request.wanted, join(refusals.lines, "\n"), refusals.hint});
}

Outcome<Answer> Client::understand(const Request& request, const HttpResponse& response) const {
    auto body = parse_json(response.body);
    if (response.status >= 200 && response.status < 300 && body) {
        return Answer{response.status, std::move(*body)};
    }
    const Json error = body ? member(*body, "error") : Json{};
    if (!error.is_object()) {
        return failed({Exit::Failed, request.wanted,
                       fmt::format("{} answered with status {} and something that is not shoal's",
                                   to_string(connections_[first_].address()), response.status),
                       "SHOAL_ADDR must lead to a shoal agent"});
    }
    return failed({exit_of(text_at(error, "code")), request.wanted, text_at(error, "message"),
                   text_at(error, "hint")});
}

}  // namespace shoal::cli
