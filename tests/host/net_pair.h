// Transports on the loopback interface, and the loop that runs them until something is so.
#pragma once

#include "node/host/identity/sodium_signer.h"
#include "node/host/net/keyring.h"
#include "node/host/net/transport.h"

#include <asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host::tests {

// Generous: it only ends a test that has failed.
inline constexpr std::chrono::seconds kPatience{30};

// Runs the loop until the predicate holds; false if it never did.
inline bool run_until(asio::io_context& loop, const std::function<bool()>& so) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!so()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds{100});
    }
    return true;
}

inline SodiumSigner signer(std::uint8_t seed) {
    Bytes bytes(SodiumSigner::kSeedBytes, seed);
    return *SodiumSigner::from_seed(Secret{ByteView{bytes}});
}

inline Secret cluster_key(std::uint8_t seed = 7) {
    Bytes bytes(32, seed);
    return Secret{ByteView{bytes}};
}

struct Received {
    NodeId from{};
    Endpoint source{};
    std::string text{};
};

struct NodeOptions {
    std::uint8_t seed = 1;
    std::uint8_t key = 7;
    ClusterId cluster{1, 2};
    std::uint64_t boot = 1;
    ProtoRange proto = kProto;
    TransportLimits limits{};
    Endpoint bind{"127.0.0.1", 0};
};

// One node: keys, transport and everything it was told.
class Node {
public:
    using Options = NodeOptions;

    explicit Node(asio::io_context& loop, Options options = {})
        : signer_(signer(options.seed)), keys_(cluster_key(options.key)) {
        TransportConfig config{signer_.id(),   options.cluster, options.boot,
                               {options.bind}, options.proto,   options.limits};
        transport = std::make_unique<Transport>(loop, std::move(config), keys_, signer_, events());
        started = transport->start();
        if (started) at = transport->local().front();
    }

    [[nodiscard]] NodeId id() const { return signer_.id(); }

    [[nodiscard]] const TransportCounters& counters() const { return transport->counters(); }

    Result<void> started{};
    Endpoint at{};
    std::vector<Received> datagrams{};
    std::vector<Received> messages{};
    std::vector<NodeId> broken{};
    std::vector<membership::StreamProbed> probes{};
    std::vector<Reject> rejects{};
    std::vector<std::string> unreachable{};
    std::vector<NodeId> wrong_nodes{};
    std::vector<Stranger> strangers{};
    std::vector<std::shared_ptr<Pipe>> pipes{};
    std::unique_ptr<Transport> transport{};

private:
    TransportEvents events() {
        TransportEvents out{};
        out.on_datagram = [this](const NodeId& from, const Endpoint& source, Bytes payload) {
            datagrams.push_back({from, source, to_text(payload)});
        };
        out.on_stream = [this](const NodeId& from, const Endpoint& source, Bytes payload) {
            messages.push_back({from, source, to_text(payload)});
        };
        out.on_stream_broken = [this](const NodeId& peer) { broken.push_back(peer); };
        out.on_probe = [this](const membership::StreamProbed& answer) { probes.push_back(answer); };
        out.on_reject = [this](const Endpoint&, Reject reason, ProtoRange) {
            rejects.push_back(reason);
        };
        out.on_unreachable = [this](const Endpoint&, const std::string& why) {
            unreachable.push_back(why);
        };
        out.on_wrong_node = [this](const Endpoint&, const NodeId&, const NodeId& found) {
            wrong_nodes.push_back(found);
        };
        out.on_stranger = [this](const Endpoint&, Stranger kind) { strangers.push_back(kind); };
        out.on_relay = [this](const NodeId&, std::shared_ptr<Pipe> pipe) { pipes.push_back(pipe); };
        return out;
    }

    SodiumSigner signer_;
    ClusterKeyRing keys_;
};

}  // namespace shoal::host::tests
