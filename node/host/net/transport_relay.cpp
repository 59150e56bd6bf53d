// Pipes to and from the APIs of other nodes.
#include "node/host/net/transport_impl.h"

#include <asio/post.hpp>

#include <utility>

namespace shoal::host {

std::shared_ptr<StreamPipe> Transport::Impl::make_pipe(Serial serial,
                                                       const std::shared_ptr<Stream>& stream) {
    auto pipe = std::make_shared<StreamPipe>(loop_, stream);
    const std::weak_ptr weak{pipe};
    pipes_[serial] = weak;
    Stream::Handlers handlers{};
    handlers.on_data = [weak](Stream&, Bytes bytes) {
        if (const auto held = weak.lock()) held->on_data(std::move(bytes));
    };
    handlers.on_goodbye = [weak](Stream&) {
        if (const auto held = weak.lock()) held->on_goodbye();
    };
    handlers.on_drained = [weak](Stream&) {
        if (const auto held = weak.lock()) held->on_drained();
    };
    handlers.on_end = [this, serial, weak](Stream&, const StreamEnd& end) {
        streams_.erase(serial);
        incoming_.erase(serial);
        pipes_.erase(serial);
        if (const auto held = weak.lock()) held->on_end(end.why);
    };
    handlers.on_dropped = [this, serial] {
        streams_.erase(serial);
        incoming_.erase(serial);
        pipes_.erase(serial);
    };
    stream->set_handlers(std::move(handlers));
    return pipe;
}

void Transport::Impl::open_relay(const NodeId& peer, const Endpoint& at, Relayed done) {
    if (stopped_) {
        asio::post(loop_, [done = std::move(done)] {
            done(fail(Errc::Unavailable, "the agent is stopping"));
        });
        return;
    }
    const Serial serial = ++last_;
    Stream::Handlers handlers{};
    handlers.on_open = [this, serial, done](Stream& stream) {
        done(std::shared_ptr<Pipe>{make_pipe(serial, stream.shared_from_this())});
    };
    handlers.on_end = [this, serial, peer, done](Stream& stream, const StreamEnd& end) {
        streams_.erase(serial);
        const auto why =
            end.kind == EndKind::Rejected
                ? describe(end.reject, stream.at(), end.theirs)
                : "node " + to_short(peer) + " at " + to_string(stream.at()) + ": " + end.why;
        done(fail(Errc::Unavailable, why));
    };
    streams_.emplace(serial, Stream::dial(context_, at, peer, Purpose::Relay,
                                          config_.limits.connect_timeout, std::move(handlers)));
}

}  // namespace shoal::host
