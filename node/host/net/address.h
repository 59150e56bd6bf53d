// Endpoints as asio has them.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/result.h"

#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

namespace shoal::host {

// Malformed: not a literal IPv4 or IPv6 address.
[[nodiscard]] Result<asio::ip::address> to_address(const std::string& ip);

// An IPv4 address that arrived on an IPv6 socket is given as IPv4; the scope of a link-local one is
// kept.
[[nodiscard]] Endpoint to_endpoint(const asio::ip::address& address, std::uint16_t port);

template <class AsioEndpoint>
[[nodiscard]] Endpoint to_endpoint(const AsioEndpoint& endpoint) {
    return to_endpoint(endpoint.address(), endpoint.port());
}

// "1.2.3.4:7373", "[::1]:7373"; without a port `default_port` is taken.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace shoal::host
