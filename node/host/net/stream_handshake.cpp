// How a connection becomes open: connect, greet, introduce.
#include "node/host/net/address.h"
#include "node/host/net/stream.h"

#include <asio/post.hpp>

#include <utility>

namespace shoal::host {

std::shared_ptr<Stream> Stream::dial(const StreamContext& context, const Endpoint& at,
                                     const NodeId& wanted, Purpose purpose,
                                     std::chrono::milliseconds timeout, Handlers handlers) {
    auto out = std::make_shared<Stream>(context, asio::ip::tcp::socket{context.loop}, at,
                                        std::move(handlers));
    out->caller_ = true;
    out->wanted_ = wanted;
    out->purpose_ = purpose;
    out->start_timer(timeout);
    asio::post(context.loop, [out] { out->connect(); });
    return out;
}

std::shared_ptr<Stream> Stream::accept(const StreamContext& context, asio::ip::tcp::socket socket,
                                       const Endpoint& source, Handlers handlers) {
    auto out = std::make_shared<Stream>(context, std::move(socket), source, std::move(handlers));
    out->tune();
    out->start_timer(context.config.limits.hello_timeout);
    out->read_hello(&Stream::on_call);
    return out;
}

void Stream::start_timer(std::chrono::milliseconds timeout) {
    timer_.expires_after(timeout);
    timer_.async_wait([self = shared_from_this()](const std::error_code& error) {
        if (error || self->ended_) return;
        if (self->goodbye_written_ || self->lingering_) {
            return self->end({EndKind::Orderly, "goodbye, unanswered", {}, {}, {}});
        }
        StreamEnd told{EndKind::TimedOut, "no answer in time", {}, {}, {}};
        if (!self->caller_) told.stranger = Stranger::Stalled;
        self->end(std::move(told));
    });
}

void Stream::connect() {
    if (ended_) return;
    const auto address = to_address(at_.ip);
    if (!address) return end({EndKind::Unreachable, address.error().detail, {}, {}, {}});
    socket_.async_connect(
        {*address, at_.port}, [self = shared_from_this()](const std::error_code& error) {
            if (self->ended_) return;
            if (error == asio::error::connection_refused) {
                return self->end({EndKind::Refused, error.message(), {}, {}, {}});
            }
            if (error) return self->end({EndKind::Unreachable, error.message(), {}, {}, {}});
            self->tune();
            self->call();
        });
}

void Stream::call() {
    call_ =
        make_call(context_.config.cluster, context_.config.proto, context_.keys.key_for(wanted_));
    write_raw(call_);
    read_hello(&Stream::on_answer);
}

void Stream::on_answer() {
    const auto answer = parse_hello(answer_);
    if (!answer) return garbled("whoever listens there is no shoal agent");
    if (answer->kind == HelloKind::Rejection) {
        return end({EndKind::Rejected, "turned away", answer->reject, answer->proto, {}});
    }
    const auto* key = context_.keys.key_for(wanted_).key;
    if (answer->kind != HelloKind::Answer || !answer_is_genuine(call_, answer_, *key)) {
        return garbled("whoever listens there does not hold the cluster's key");
    }
    if (!overlap(context_.config.proto, answer->proto)) {
        return garbled("no protocol version in common");
    }
    agree(*key);
    send_intro(0);
    read_head(kIntroFrameMax, &Stream::on_intro);
}

void Stream::on_call() {
    const auto call = parse_hello(call_);
    if (!call || call->kind != HelloKind::Call) return garbled("not shoal's greeting");
    const auto reply =
        answer_call(call_, *call, context_.config.cluster, context_.config.proto, context_.keys);
    if (reply.reject != Reject::None) return turn_away(*call, reply);
    answer_ = reply.bytes;
    agree(*context_.keys.find(call->key_id));
    write_raw(answer_);
    read_head(kIntroFrameMax, &Stream::on_intro);
}

void Stream::turn_away(const Hello& call, const HelloReply& reply) {
    ++context_.counters.streams_turned_away;
    StreamEnd told{EndKind::Rejected, "turned away", reply.reject, call.proto, {}};
    told.stranger = reply.reject == Reject::WrongCluster ? Stranger::WrongCluster
                    : reply.reject == Reject::WrongKey   ? Stranger::WrongKey
                                                         : Stranger::OtherProto;
    ending_ = std::move(told);
    write_raw(reply.bytes);
}

void Stream::agree(const TransportKey& key) {
    session_ = session_id(call_, answer_);
    FrameSeal from_caller{key, session_, Direction::FromCaller};
    FrameSeal from_answerer{key, session_, Direction::FromAnswerer};
    seal_.emplace(std::move(caller_ ? from_caller : from_answerer));
    unseal_.emplace(std::move(caller_ ? from_answerer : from_caller));
}

void Stream::send_intro(std::uint8_t flags) {
    const auto direction = caller_ ? Direction::FromCaller : Direction::FromAnswerer;
    const auto bytes =
        encode_intro({purpose_, flags, context_.config.boot, caller_ ? wanted_ : peer_.from, {}},
                     session_, direction, context_.signer);
    Bytes frame;
    seal_->seal(FrameType::Intro, bytes, frame);
    write_raw(frame);
}

void Stream::on_intro() {
    const auto frame = unseal_->open(rest_);
    if (!frame) return garbled(frame.error().detail);
    if (frame->type != FrameType::Intro) return garbled("no introduction");
    const auto direction = caller_ ? Direction::FromAnswerer : Direction::FromCaller;
    const auto intro = decode_intro(frame->payload, session_, direction, context_.signer);
    if (!intro) return garbled(intro.error().detail);
    peer_ = *intro;
    if (caller_) {
        check_answerer();
    } else {
        check_caller();
    }
}

bool Stream::is_ourselves() const {
    return peer_.from == context_.config.self && peer_.boot == context_.config.boot;
}

void Stream::check_caller() {
    purpose_ = peer_.purpose;
    send_intro(context_.heard(peer_.from) ? kHeardDatagrams : std::uint8_t{0});
    const bool meant = peer_.to.is_zero() || peer_.to == context_.config.self;
    if (!meant || is_ourselves()) {
        // The introduction above tells the caller who is here instead.
        ending_ = StreamEnd{EndKind::NotForUs, "meant for another node", {}, {}, {}};
        if (!busy_writing_) end(std::move(*ending_));
        return;
    }
    opened();
}

void Stream::check_answerer() {
    if (is_ourselves()) {
        return end({EndKind::Ourselves, "that is this node itself", {}, {}, {}});
    }
    if (!wanted_.is_zero() && peer_.from != wanted_) {
        return end({EndKind::WrongNode, "another node is there", {}, {}, {}});
    }
    opened();
}

void Stream::opened() {
    timer_.cancel();
    open_ = true;
    last_used_ = std::chrono::steady_clock::now();
    const auto alive = shared_from_this();
    const auto handlers = handlers_;
    if (handlers->on_open) handlers->on_open(*this);
    if (ended_) return;
    pump();
    if (!paused_ && !reading_) read_frames();
}

}  // namespace shoal::host
