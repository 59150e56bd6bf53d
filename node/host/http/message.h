// What the API server takes in and gives out: requests and answers as plain values.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/id.h"

#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <variant>

namespace shoal::host::http {

// Who asks, as the kernel or the sealed transport vouches for it.
struct RelayPeer {
    NodeId node{};

    friend bool operator==(const RelayPeer&, const RelayPeer&) = default;
};

struct TcpPeer {
    Endpoint address{};

    friend bool operator==(const TcpPeer&, const TcpPeer&) = default;
};

struct UnixPeer {
    uid_t uid = 0;
    pid_t pid = 0;

    friend bool operator==(const UnixPeer&, const UnixPeer&) = default;
};

// A request that was never given a peer is nobody's, and above all not root's: the first
// alternative is the one that may least.
using Peer = std::variant<RelayPeer, TcpPeer, UnixPeer>;

// "uid 0 pid 17", "127.0.0.1:4000", "node 9f…": for the log.
[[nodiscard]] std::string to_string(const Peer& peer);

using Fields = std::map<std::string, std::string>;

struct Request {
    std::string method{};
    std::string path{};  // percent-decoded UTF-8 without NUL, starts with '/'
    Fields query{};      // decoded as the path is
    Fields headers{};    // names in lower case; never "authorization"
    std::string body{};
    Peer peer{};

    friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body{};
    Fields headers{};

    friend bool operator==(const Response&, const Response&) = default;
};

// Why a request was turned down before anybody looked at what it asks.
struct Refusal {
    int status = 400;
    std::string code{};  // of the table in docs/api.md
    std::string message{};
    std::string hint{};  // may be empty

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// {"error": {"code", "message", "hint"}}; without a hint if it is empty. Bytes that are not UTF-8
// are replaced, so text of a stranger is safe to quote.
[[nodiscard]] Response json_error(int status, std::string_view code, std::string_view message,
                                  std::string_view hint = {});
[[nodiscard]] Response to_response(const Refusal& refusal);

}  // namespace shoal::host::http
