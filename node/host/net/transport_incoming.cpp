// Connections others open to us.
#include "node/host/net/address.h"
#include "node/host/net/transport_impl.h"

#include <asio/buffer.hpp>

#include <algorithm>
#include <utility>

namespace shoal::host {
namespace {

// After an error such as "too many open files", which trying again at once would only repeat.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

void Transport::Impl::accept_on(asio::ip::tcp::acceptor& acceptor) {
    acceptor.async_accept([weak = weak_from_this(), &acceptor](const std::error_code& error,
                                                               asio::ip::tcp::socket socket) {
        const auto self = weak.lock();
        if (!self || self->stopped_ || error == asio::error::operation_aborted) return;
        if (error && error != asio::error::connection_aborted) return self->accept_later(acceptor);
        if (!error) self->accepted(std::move(socket));
        if (!self->stopped_) self->accept_on(acceptor);
    });
}

void Transport::Impl::accept_later(asio::ip::tcp::acceptor& acceptor) {
    const auto timer = std::make_shared<asio::steady_timer>(loop_, kAcceptPause);
    timer->async_wait([weak = weak_from_this(), timer, &acceptor](const std::error_code&) {
        const auto self = weak.lock();
        if (self && !self->stopped_) self->accept_on(acceptor);
    });
}

bool Transport::Impl::room_for(const Endpoint& source) {
    const auto& limits = config_.limits;
    if (incoming_.size() >= limits.incoming_max) return false;
    const auto same = std::count_if(pending_.begin(), pending_.end(), [&](const auto& entry) {
        return entry.second.ip == source.ip;
    });
    if (static_cast<std::size_t>(same) >= limits.pending_per_source_max) return false;
    if (pending_.size() >= limits.pending_max) {
        // The one that has had the longest time to say who it is.
        const auto oldest = pending_.begin()->first;
        streams_.at(oldest)->drop();
        streams_.erase(oldest);
        pending_.erase(oldest);
        ++counters_.streams_turned_away;
    }
    return true;
}

void Transport::Impl::refuse_for_lack_of_room(asio::ip::tcp::socket& socket) {
    ++counters_.streams_turned_away;
    const auto busy =
        encode_hello({HelloKind::Rejection, config_.proto, Reject::Busy, 0, {}, {}, {}});
    // The buffer of a fresh connection has room for 68 bytes; should it not, the caller sees only
    // that it was closed.
    asio::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(busy), ignored);
}

void Transport::Impl::accepted(asio::ip::tcp::socket socket) {
    asio::error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // Gone already.
    const auto source = to_endpoint(remote);
    if (!room_for(source)) return refuse_for_lack_of_room(socket);
    ++counters_.streams_accepted;
    const Serial serial = ++last_;
    Stream::Handlers handlers{};
    handlers.on_open = [this, serial](Stream& stream) { incoming_open(serial, stream); };
    handlers.on_data = [this](Stream& stream, Bytes payload) {
        if (stream.introduction().purpose != Purpose::Gossip) return;
        tell(events_.on_stream, stream.peer(), stream.at(), std::move(payload));
    };
    handlers.on_goodbye = [](Stream& stream) { stream.goodbye(); };
    handlers.on_end = [this, serial](Stream& stream, const StreamEnd& end) {
        incoming_end(serial, stream, end);
    };
    pending_.emplace(serial, source);
    streams_.emplace(serial,
                     Stream::accept(context_, std::move(socket), source, std::move(handlers)));
}

void Transport::Impl::incoming_open(Serial serial, Stream& stream) {
    pending_.erase(serial);
    const std::pair who{stream.peer(), stream.introduction().boot};
    incoming_.emplace(serial, who);
    if (stream.introduction().purpose == Purpose::Relay) {
        if (!events_.on_relay) return stream.goodbye();
        return tell(events_.on_relay, stream.peer(), make_pipe(serial, streams_.at(serial)));
    }
    if (stream.introduction().purpose == Purpose::Probe) return;
    // One boot of a node sends on one connection; an older one is a corpse nobody has noticed yet.
    const auto former = gossip_from_.find(who);
    if (former != gossip_from_.end()) {
        streams_.at(former->second)->drop();
        streams_.erase(former->second);
        incoming_.erase(former->second);
    }
    gossip_from_[who] = serial;
}

void Transport::Impl::incoming_end(Serial serial, const Stream& stream, const StreamEnd& end) {
    const bool introduced = incoming_.erase(serial) > 0;
    pending_.erase(serial);
    streams_.erase(serial);
    pipes_.erase(serial);
    const std::pair who{stream.peer(), stream.introduction().boot};
    const auto latest = gossip_from_.find(who);
    const bool gossip = latest != gossip_from_.end() && latest->second == serial;
    if (gossip) gossip_from_.erase(latest);
    if (end.kind == EndKind::Orderly) ++counters_.streams_finished;
    if (end.stranger == Stranger::Noise) ++counters_.noise;
    if (end.stranger == Stranger::WrongKey) ++counters_.wrong_key;
    if (end.stranger == Stranger::OtherProto) ++counters_.other_proto;
    if (end.stranger) tell(events_.on_stranger, stream.at(), *end.stranger);
    if (introduced && gossip && end.kind != EndKind::Orderly) broken(stream.peer());
}

}  // namespace shoal::host
