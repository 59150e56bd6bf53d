// Our own connections to peers.
#include "node/host/net/transport_impl.h"

#include <asio/post.hpp>

#include <utility>

namespace shoal::host {

void Transport::Impl::send_stream(const NodeId& to, const Endpoint& at, Bytes payload) {
    if (stopped_) return;
    const PeerKey key{to, to.is_zero() ? at : Endpoint{}};
    auto found = outgoing_.find(key);
    if (found != outgoing_.end() && streams_.at(found->second)->at() != at) {
        retire(key);  // The peer has moved.
        found = outgoing_.end();
    }
    const auto stream = found == outgoing_.end() ? dial(key, to, at) : streams_.at(found->second);
    const bool fits = payload.size() <= kStreamPayloadMax &&
                      stream->queued() + payload.size() <= config_.limits.queue_bytes;
    if (!fits) return overflow(key, stream);
    stream->send(std::move(payload));
}

std::shared_ptr<Stream> Transport::Impl::dial(const PeerKey& key, const NodeId& to,
                                              const Endpoint& at) {
    const Serial serial = ++last_;
    Stream::Handlers handlers{};
    handlers.on_open = [this](Stream& /*stream*/) { ++counters_.streams_opened; };
    handlers.on_data = [this](Stream& stream, Bytes payload) {
        tell(events_.on_stream, stream.peer(), stream.at(), std::move(payload));
    };
    handlers.on_goodbye = [this, serial, key](Stream& stream) {
        const auto own = outgoing_.find(key);
        if (own != outgoing_.end() && own->second == serial) outgoing_.erase(own);
        stream.goodbye();
    };
    handlers.on_end = [this, serial, key](Stream& stream, const StreamEnd& end) {
        outgoing_end(serial, key, stream, end);
    };
    auto stream = Stream::dial(context_, at, to, Purpose::Gossip, config_.limits.connect_timeout,
                               std::move(handlers));
    streams_.emplace(serial, stream);
    outgoing_[key] = serial;
    return stream;
}

void Transport::Impl::retire(const PeerKey& key) {
    const auto found = outgoing_.find(key);
    if (found == outgoing_.end()) return;
    const auto stream = streams_.at(found->second);
    outgoing_.erase(found);
    stream->goodbye();
}

void Transport::Impl::outgoing_end(Serial serial, const PeerKey& key, const Stream& stream,
                                   const StreamEnd& end) {
    streams_.erase(serial);
    const auto own = outgoing_.find(key);
    if (own != outgoing_.end() && own->second == serial) outgoing_.erase(own);
    if (end.kind == EndKind::Orderly) {
        ++counters_.streams_finished;
        return;
    }
    explain(stream, key.first, end);
    const auto peer = key.first.is_zero() ? stream.peer() : key.first;
    if (!peer.is_zero() && end.kind != EndKind::Ourselves) broken(peer);
}

void Transport::Impl::explain(const Stream& stream, const NodeId& wanted, const StreamEnd& end) {
    if (end.kind == EndKind::Rejected) {
        tell(events_.on_reject, stream.at(), end.reject, end.theirs);
    } else if (end.kind == EndKind::WrongNode) {
        tell(events_.on_wrong_node, stream.at(), wanted, stream.peer());
    } else if (stream.peer().is_zero() || end.kind == EndKind::Ourselves) {
        tell(events_.on_unreachable, stream.at(), end.why);
    }
}

void Transport::Impl::overflow(const PeerKey& key, const std::shared_ptr<Stream>& stream) {
    const auto found = outgoing_.find(key);
    streams_.erase(found->second);
    outgoing_.erase(found);
    const auto peer = key.first.is_zero() ? stream->peer() : key.first;
    stream->drop();
    if (peer.is_zero()) return;
    asio::post(loop_, [weak = weak_from_this(), peer] {
        if (const auto self = weak.lock()) self->broken(peer);
    });
}

void Transport::Impl::broken(const NodeId& peer) {
    ++counters_.streams_broken;
    tell(events_.on_stream_broken, peer);
}

}  // namespace shoal::host
