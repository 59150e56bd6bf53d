// Binding one port for UDP and TCP.
#pragma once

#include "node/host/net/transport_types.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>

#include <vector>

namespace shoal::host {

struct Listening {
    std::vector<asio::ip::udp::socket> udp{};
    std::vector<asio::ip::tcp::acceptor> tcp{};
    std::vector<Endpoint> local{};
};

// An empty ip stands for every IPv4 and, where the host has it, every IPv6 address. Port 0: any
// that is free for both. Conflict: in use, with the address and the flag to change.
[[nodiscard]] Result<Listening> listen_on(asio::io_context& loop,
                                          const std::vector<Endpoint>& bind);

}  // namespace shoal::host
