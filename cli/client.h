// Asking a node, whichever of the addresses answers first in order.
//
// The next address is tried when nobody got the request, and also when somebody may have got it but
// asking again does no harm: a query, or a write that carries a submission id. Once an address has
// answered it is asked first from then on.
#pragma once

#include "cli/connection.h"
#include "cli/failure.h"
#include "cli/json.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::cli {

struct Request {
    std::string wanted{};  // what the person wanted, for a failure: "list the jobs"
    std::string method = "GET";
    std::string path{};  // escaped
    std::vector<std::pair<std::string, std::string>> query{};
    std::optional<Json> body{};
    std::optional<std::string> bytes{};                  // instead of a body in JSON
    bool repeatable = false;                             // GETs are anyway
    std::optional<std::chrono::milliseconds> timeout{};  // instead of the client's
};

struct Answer {
    long status = 0;
    Json body{};
};

class Client {
public:
    struct Settings {
        std::vector<Address> addresses{};
        std::string bearer{};
        std::string node{};  // relay everything to this node; empty: whoever answers
        std::chrono::milliseconds timeout{30'000};
        // Told in one line when an address failed and another was asked instead.
        std::function<void(const std::string&)> notice{};
    };

    explicit Client(Settings settings);

    // An answer of 400 and above is a failure with the node's own words.
    Outcome<Answer> call(const Request& request);

    // The same, asked of another node.
    Outcome<Answer> call_at(const std::string& node, const Request& request);

    [[nodiscard]] const Settings& settings() const { return settings_; }

private:
    Outcome<Answer> understand(const Request& request, const HttpResponse& response) const;

    Settings settings_;
    std::vector<Connection> connections_;
    std::size_t first_ = 0;
};

}  // namespace shoal::cli
