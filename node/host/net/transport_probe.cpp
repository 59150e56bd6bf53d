// Is there an agent at that address, and is it that one?
//
// `Refused` is evidence of a dead agent on a live host, so only a connect that the host itself
// refuses counts. A connection that opens and then breaks may be a process dying or one too busy to
// take another: it is tried again until the deadline, and a dead process refuses then.
#include "node/host/net/transport_impl.h"

#include <algorithm>
#include <utility>

namespace shoal::host {
namespace {

using membership::Reach;

constexpr std::chrono::milliseconds kRetryAfter{50};

}  // namespace

void Transport::Impl::probe(const NodeId& peer, const Endpoint& at, std::uint64_t question) {
    if (stopped_) return;
    try_probe({peer, at, question, Clock::now() + config_.limits.probe_timeout});
}

void Transport::Impl::try_probe(const Probing& probing) {
    const Serial serial = ++last_;
    Stream::Handlers handlers{};
    handlers.on_open = [this, serial, probing](Stream& stream) {
        const bool heard = (stream.introduction().flags & kHeardDatagrams) != 0;
        const auto alive = stream.shared_from_this();
        stream.drop();
        streams_.erase(serial);
        if (probing.peer.is_zero()) tell(events_.on_answered, probing.at, heard);
        report(probing, Reach::Answered, heard);
    };
    handlers.on_end = [this, serial, probing](Stream& stream, const StreamEnd& end) {
        streams_.erase(serial);
        probe_ended(probing, stream, end);
    };
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(probing.deadline - Clock::now());
    streams_.emplace(
        serial, Stream::dial(context_, probing.at, probing.peer, Purpose::Probe,
                             std::max(left, std::chrono::milliseconds{1}), std::move(handlers)));
}

void Transport::Impl::probe_ended(const Probing& probing, const Stream& stream,
                                  const StreamEnd& end) {
    if (end.kind == EndKind::Broken && Clock::now() + kRetryAfter < probing.deadline) {
        return retry_probe(probing);
    }
    // Of an address alone, somebody waits to hear why nothing comes of it.
    if (end.kind == EndKind::Rejected || end.kind == EndKind::WrongNode || probing.peer.is_zero()) {
        explain(stream, probing.peer, end);
    }
    report(probing, end.kind == EndKind::Refused ? Reach::Refused : Reach::Silent, false);
}

void Transport::Impl::retry_probe(const Probing& probing) {
    const auto timer = std::make_shared<asio::steady_timer>(loop_, kRetryAfter);
    timer->async_wait([weak = weak_from_this(), timer, probing](const std::error_code&) {
        const auto self = weak.lock();
        if (self && !self->stopped_) self->try_probe(probing);
    });
}

void Transport::Impl::report(const Probing& probing, Reach reach, bool heard) {
    tell(events_.on_probe, membership::StreamProbed{probing.peer, probing.question, reach, heard});
}

}  // namespace shoal::host
