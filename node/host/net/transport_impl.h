// The inside of Transport: who owns which connection, and what becomes of one that ends.
#pragma once

#include "node/host/net/datagram_socket.h"
#include "node/host/net/listen.h"
#include "node/host/net/stream.h"
#include "node/host/net/stream_pipe.h"
#include "node/host/net/transport.h"

#include <asio/steady_timer.hpp>

#include <map>
#include <utility>

namespace shoal::host {

class Transport::Impl : public std::enable_shared_from_this<Transport::Impl> {
public:
    Impl(asio::io_context& loop, TransportConfig config, const KeyRing& keys, const Signer& signer,
         TransportEvents events);

    Result<void> start();
    void stop();

    void send_datagram(const NodeId& to, const Endpoint& at, ByteView payload);
    void send_stream(const NodeId& to, const Endpoint& at, Bytes payload);
    void probe(const NodeId& peer, const Endpoint& at, std::uint64_t question);
    void open_relay(const NodeId& peer, const Endpoint& at, Relayed done);

    [[nodiscard]] const std::vector<Endpoint>& local() const { return local_; }

    [[nodiscard]] const TransportCounters& counters() const { return counters_; }

private:
    using Serial = std::uint64_t;  // names a connection; never reused
    // A peer, or for a seed of unknown id its address.
    using PeerKey = std::pair<NodeId, Endpoint>;
    using Clock = std::chrono::steady_clock;

    struct Probing {
        NodeId peer{};
        Endpoint at{};
        std::uint64_t question = 0;
        Clock::time_point deadline{};
    };

    // Calls a handler if there is one and nothing has been stopped.
    template <class... Taken, class... Given>
    void tell(const std::function<void(Taken...)>& handler, Given&&... given) {
        if (!stopped_ && handler) handler(std::forward<Given>(given)...);
    }

    // Coming in; transport_incoming.cpp.
    void accept_on(asio::ip::tcp::acceptor& acceptor);
    void accept_later(asio::ip::tcp::acceptor& acceptor);
    void accepted(asio::ip::tcp::socket socket);
    void refuse_for_lack_of_room(asio::ip::tcp::socket& socket);
    [[nodiscard]] bool room_for(const Endpoint& source);
    void incoming_open(Serial serial, Stream& stream);
    void incoming_end(Serial serial, const Stream& stream, const StreamEnd& end);

    // Going out; transport_outgoing.cpp.
    std::shared_ptr<Stream> dial(const PeerKey& key, const NodeId& to, const Endpoint& at);
    void retire(const PeerKey& key);
    void outgoing_end(Serial serial, const PeerKey& key, const Stream& stream,
                      const StreamEnd& end);
    void explain(const Stream& stream, const NodeId& wanted, const StreamEnd& end);
    void overflow(const PeerKey& key, const std::shared_ptr<Stream>& stream);
    void broken(const NodeId& peer);

    // transport_probe.cpp
    void try_probe(const Probing& probing);
    void probe_ended(const Probing& probing, const Stream& stream, const StreamEnd& end);
    void retry_probe(const Probing& probing);
    void report(const Probing& probing, membership::Reach reach, bool heard);

    // transport_relay.cpp
    std::shared_ptr<StreamPipe> make_pipe(Serial serial, const std::shared_ptr<Stream>& stream);

    void sweep();

    asio::io_context& loop_;
    TransportConfig config_;
    TransportEvents events_;
    TransportCounters counters_;
    std::shared_ptr<DatagramSocket> datagrams_;
    StreamContext context_;
    std::vector<asio::ip::tcp::acceptor> acceptors_;
    std::vector<Endpoint> local_;
    asio::steady_timer sweeper_;

    Serial last_ = 0;
    std::map<Serial, std::shared_ptr<Stream>> streams_;  // every connection there is
    std::map<PeerKey, Serial> outgoing_;
    std::map<Serial, Endpoint> pending_;                              // accepted, not introduced
    std::map<Serial, std::pair<NodeId, std::uint64_t>> incoming_;     // introduced: node, boot
    std::map<std::pair<NodeId, std::uint64_t>, Serial> gossip_from_;  // its latest
    std::map<Serial, std::weak_ptr<StreamPipe>> pipes_;
    bool stopped_ = false;
};

}  // namespace shoal::host
