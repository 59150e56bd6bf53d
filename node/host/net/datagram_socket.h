// The UDP side of a transport: seals, opens, drops what is strange or repeated, and remembers whom
// it heard.
#pragma once

#include "node/host/net/datagram.h"
#include "node/host/net/replay.h"

#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace shoal::host {

class DatagramSocket : public std::enable_shared_from_this<DatagramSocket> {
public:
    struct Handlers {
        std::function<void(const NodeId&, const Endpoint&, Bytes)> on_datagram{};
        std::function<void(const Endpoint&, Stranger)> on_stranger{};
    };

    // `config`, `keys` and `counters` outlive it.
    DatagramSocket(const TransportConfig& config, const KeyRing& keys, TransportCounters& counters,
                   Handlers handlers);

    // Takes over bound sockets and begins to listen.
    void start(std::vector<asio::ip::udp::socket> sockets);
    void stop();

    void send(const NodeId& to, const Endpoint& at, ByteView payload);

    [[nodiscard]] bool heard(const NodeId& node) const;

private:
    struct Listener {
        explicit Listener(asio::ip::udp::socket taken) : socket(std::move(taken)) {}

        asio::ip::udp::socket socket;
        asio::ip::udp::endpoint source{};
        // One byte more than fits, so that longer ones are seen to be longer.
        std::array<std::uint8_t, kDatagramBytes + 1> buffer{};
    };

    void receive(const std::shared_ptr<Listener>& listener);
    void take(ByteView bytes, const Endpoint& source);
    void strange(const Endpoint& source, Stranger kind);
    void remember(const NodeId& node);

    const TransportConfig& config_;
    const KeyRing& keys_;
    TransportCounters& counters_;
    Handlers handlers_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    ReplayGuard guard_;
    std::map<NodeId, std::chrono::steady_clock::time_point> heard_;
    std::uint64_t counter_ = 0;
    bool stopped_ = false;
};

}  // namespace shoal::host
