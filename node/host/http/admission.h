// What each door demands of a request before its body is read.
//
// A loopback port is open to every program of the host and, through its browser, to every page its
// user visits. A page cannot choose the Host of the request it makes the browser send (a name
// rebound to 127.0.0.1 shows there) nor leave out the Origin, and it does not have the token.
#pragma once

#include "node/host/http/parser.h"
#include "node/host/identity/secret.h"

#include <asio/ip/address.hpp>

#include <memory>
#include <optional>

namespace shoal::host::http {

struct TcpDoor {
    std::shared_ptr<const Secret> token{};
    asio::ip::address served{};  // the address the caller has connected to
};

// Host, Origin, token, in this order.
[[nodiscard]] std::optional<Refusal> admit(const Request& head, const TcpDoor& door);

// At every door: a body is JSON or plain bytes and says so. A page can send neither without asking
// first, and the answer to that is no.
[[nodiscard]] std::optional<Refusal> check_content(const Request& head);

}  // namespace shoal::host::http
