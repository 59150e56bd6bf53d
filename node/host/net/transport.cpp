#include "node/host/net/transport.h"

#include "node/host/net/transport_impl.h"

#include <algorithm>
#include <utility>

namespace shoal::host {

std::string to_string(Stranger kind) {
    switch (kind) {
        case Stranger::Noise:
            return "bytes that are not shoal's protocol";
        case Stranger::WrongKey:
            return "a packet that this cluster's key does not open (a join token of another "
                   "cluster, or an old one?)";
        case Stranger::WrongCluster:
            return "a node of another cluster";
        case Stranger::OtherProto:
            return "a node with which no protocol version is shared";
        case Stranger::Stalled:
            return "a connection that never introduced itself";
    }
    return "something unknown";
}

std::string describe(Reject reason, const Endpoint& at, ProtoRange theirs) {
    const auto where = to_string(at);
    const auto versions = std::to_string(theirs.min) + " to " + std::to_string(theirs.max);
    switch (reason) {
        case Reject::None:
            break;
        case Reject::WrongCluster:
            return where + " belongs to another cluster than this token";
        case Reject::WrongKey:
            return "this token's key is not the key of the cluster at " + where;
        case Reject::ProtoTooOld:
            return where + " speaks protocol " + versions +
                   ", this shoal is too old for it: upgrade this node";
        case Reject::ProtoTooNew:
            return where + " speaks protocol " + versions +
                   ", this shoal is too new for it: upgrade that node first";
        case Reject::Busy:
            return where + " has no room for another connection at the moment";
    }
    return where + " turned us away";
}

Transport::Impl::Impl(asio::io_context& loop, TransportConfig config, const KeyRing& keys,
                      const Signer& signer, TransportEvents events)
    : loop_(loop),
      config_(std::move(config)),
      events_(std::move(events)),
      datagrams_(std::make_shared<DatagramSocket>(
          config_, keys, counters_,
          DatagramSocket::Handlers{
              [this](const NodeId& from, const Endpoint& source, Bytes payload) {
                  tell(events_.on_datagram, from, source, std::move(payload));
              },
              [this](const Endpoint& source, Stranger kind) {
                  tell(events_.on_stranger, source, kind);
              }})),
      context_{loop_,  config_,   keys,
               signer, counters_, [this](const NodeId& node) { return datagrams_->heard(node); }},
      sweeper_(loop) {}

Result<void> Transport::Impl::start() {
    auto listening = listen_on(loop_, config_.bind);
    if (!listening) return fail(listening.error());
    local_ = std::move(listening->local);
    acceptors_ = std::move(listening->tcp);
    datagrams_->start(std::move(listening->udp));
    for (auto& acceptor : acceptors_) {
        accept_on(acceptor);
    }
    sweep();
    return {};
}

void Transport::Impl::stop() {
    if (stopped_) return;
    stopped_ = true;
    sweeper_.cancel();
    datagrams_->stop();
    for (auto& acceptor : acceptors_) {
        asio::error_code ignored;
        acceptor.close(ignored);
    }
    const auto pipes = pipes_;
    for (const auto& [serial, weak] : pipes) {
        if (const auto pipe = weak.lock()) pipe->on_end("the agent is stopping");
    }
    const auto all = std::exchange(streams_, {});  // Dropping one forgets it.
    for (const auto& [serial, stream] : all) {
        stream->drop();
    }
    outgoing_.clear();
    pending_.clear();
    incoming_.clear();
    gossip_from_.clear();
    pipes_.clear();
}

void Transport::Impl::send_datagram(const NodeId& to, const Endpoint& at, ByteView payload) {
    if (!stopped_) datagrams_->send(to, at, payload);
}

void Transport::Impl::sweep() {
    using std::chrono::milliseconds;
    const auto idle = config_.limits.idle;
    sweeper_.expires_after(std::clamp(idle / 2, milliseconds{10}, milliseconds{10000}));
    sweeper_.async_wait([weak = weak_from_this(), idle](const std::error_code& error) {
        const auto self = weak.lock();
        if (error || !self || self->stopped_) return;
        const auto now = Clock::now();
        const auto own = self->outgoing_;  // A goodbye changes the original.
        for (const auto& [key, serial] : own) {
            if (now - self->streams_.at(serial)->last_used() > idle) self->retire(key);
        }
        // Theirs to close; only one that forgot is closed from here.
        for (const auto& [serial, who] : self->incoming_) {
            const auto& stream = self->streams_.at(serial);
            const bool relay = stream->introduction().purpose == Purpose::Relay;
            if (!relay && now - stream->last_used() > 2 * idle) stream->goodbye();
        }
        self->sweep();
    });
}

Transport::Transport(asio::io_context& loop, TransportConfig config, const KeyRing& keys,
                     const Signer& signer, TransportEvents events)
    : impl_(std::make_shared<Impl>(loop, std::move(config), keys, signer, std::move(events))) {}

Transport::~Transport() {
    impl_->stop();
}

Result<void> Transport::start() {
    return impl_->start();
}

void Transport::stop() {
    impl_->stop();
}

std::vector<Endpoint> Transport::local() const {
    return impl_->local();
}

void Transport::send_datagram(const NodeId& to, const Endpoint& at, ByteView payload) {
    impl_->send_datagram(to, at, payload);
}

void Transport::send_stream(const NodeId& to, const Endpoint& at, Bytes payload) {
    impl_->send_stream(to, at, std::move(payload));
}

void Transport::probe(const NodeId& peer, const Endpoint& at, std::uint64_t question) {
    impl_->probe(peer, at, question);
}

void Transport::open_relay(const NodeId& peer, const Endpoint& at, Relayed done) {
    impl_->open_relay(peer, at, std::move(done));
}

const TransportCounters& Transport::counters() const {
    return impl_->counters();
}

}  // namespace shoal::host
