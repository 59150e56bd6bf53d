#include "node/host/net/stream.h"

#include <asio/buffer.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace shoal::host {
namespace {

// Sealed together into one write; more would delay the first of them.
constexpr std::size_t kWriteBatch = 256U << 10U;
// Each queued message costs this much besides its bytes.
constexpr std::size_t kQueueOverhead = 64;
// After both goodbyes the peer closes; one that does not is closed.
constexpr std::chrono::milliseconds kGoodbyeTimeout{3000};

void set_option(int fd, int level, int name, int value) {
    // Best effort: without it a silent peer is noticed later, by membership.
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

Stream::Stream(const StreamContext& context, asio::ip::tcp::socket socket, Endpoint at,
               Handlers handlers)
    : context_(context),
      socket_(std::move(socket)),
      timer_(context.loop),
      at_(std::move(at)),
      handlers_(std::make_shared<const Handlers>(std::move(handlers))),
      last_used_(std::chrono::steady_clock::now()) {}

void Stream::tune() {
    const int fd = socket_.native_handle();
    const auto timeout = static_cast<int>(context_.config.limits.peer_timeout.count());
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 5);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 2);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout);
}

void Stream::send(Bytes payload) {
    if (ended_ || goodbye_queued_) return;
    last_used_ = std::chrono::steady_clock::now();
    queued_ += payload.size() + kQueueOverhead;
    queue_.push_back({FrameType::Data, std::move(payload)});
    pump();
}

void Stream::goodbye() {
    if (ended_ || goodbye_queued_) return;
    goodbye_queued_ = true;
    queued_ += kQueueOverhead;
    queue_.push_back({FrameType::Goodbye, {}});
    pump();
}

void Stream::drop() {
    if (ended_) return;
    const auto handlers = handlers_;
    shut();
    if (handlers->on_dropped) handlers->on_dropped();
}

void Stream::shut() {
    ended_ = true;
    open_ = false;
    timer_.cancel();
    asio::error_code ignored;
    socket_.close(ignored);
    handlers_ = std::make_shared<const Handlers>();
    queue_.clear();
    queued_ = 0;
}

void Stream::set_handlers(Handlers handlers) {
    handlers_ = std::make_shared<const Handlers>(std::move(handlers));
}

void Stream::linger() {
    if (ended_) return;
    goodbye();
    lingering_ = true;
    start_timer(kGoodbyeTimeout);
    resume();
}

void Stream::pause() {
    paused_ = true;
}

void Stream::resume() {
    paused_ = false;
    if (open_ && !reading_ && !goodbye_read_) read_frames();
}

void Stream::read_hello(Next next) {
    HelloBytes& into = caller_ ? answer_ : call_;
    asio::async_read(socket_, asio::buffer(into),
                     [self = shared_from_this(), next](const std::error_code& error, std::size_t) {
                         if (self->ended_) return;
                         if (error) return self->end_by(error);
                         (self.get()->*next)();
                     });
}

void Stream::read_head(std::size_t max, Next next) {
    reading_ = true;
    asio::async_read(
        socket_, asio::buffer(head_),
        [self = shared_from_this(), max, next](const std::error_code& error, std::size_t) {
            if (self->ended_) return;
            if (error) return self->end_by(error);
            const auto length = frame_length(self->head_, max);
            if (!length) return self->garbled(length.error().detail);
            self->read_rest(*length, next);
        });
}

void Stream::read_rest(std::size_t length, Next next) {
    rest_.resize(length);
    asio::async_read(socket_, asio::buffer(rest_),
                     [self = shared_from_this(), next](const std::error_code& error, std::size_t) {
                         if (self->ended_) return;
                         if (error) return self->end_by(error);
                         self->reading_ = false;
                         (self.get()->*next)();
                     });
}

void Stream::read_frames() {
    read_head(kStreamPayloadMax + kFrameOverhead, &Stream::on_frame);
}

void Stream::on_frame() {
    auto frame = unseal_->open(rest_);
    if (!frame) return garbled(frame.error().detail);
    context_.counters.stream_bytes_received += rest_.size() + kFrameHead;
    last_used_ = std::chrono::steady_clock::now();
    // A large buffer is not kept for the next small message.
    if (rest_.capacity() > kWriteBatch) rest_ = {};
    const auto alive = shared_from_this();
    const auto handlers = handlers_;
    switch (frame->type) {
        case FrameType::Intro:
            return garbled("a second introduction");
        case FrameType::Data:
            if (handlers->on_data) handlers->on_data(*this, std::move(frame->payload));
            break;
        case FrameType::Goodbye:
            goodbye_read_ = true;
            if (handlers->on_goodbye) handlers->on_goodbye(*this);
            maybe_over();
            return;
    }
    // The handler may have paused and resumed, and so begun to read already.
    if (!ended_ && !paused_ && !reading_) read_frames();
}

void Stream::write_raw(ByteView bytes) {
    raw_.insert(raw_.end(), bytes.begin(), bytes.end());
    pump();
}

void Stream::pump() {
    if (busy_writing_ || ended_) return;
    writing_.clear();
    writing_.swap(raw_);
    std::size_t taken = 0;
    while (open_ && !queue_.empty() && writing_.size() < kWriteBatch) {
        auto& next = queue_.front();
        seal_->seal(next.type, next.payload, writing_);
        taken += next.payload.size() + kQueueOverhead;
        if (next.type == FrameType::Goodbye) goodbye_written_ = true;
        queue_.pop_front();
    }
    if (writing_.empty()) return;
    busy_writing_ = true;
    asio::async_write(
        socket_, asio::buffer(writing_),
        [self = shared_from_this(), taken](const std::error_code& error, std::size_t) {
            if (self->ended_) return;
            if (error) return self->end_by(error);
            self->on_written(taken);
        });
}

void Stream::on_written(std::size_t bytes) {
    busy_writing_ = false;
    queued_ -= bytes;
    context_.counters.stream_bytes_sent += writing_.size();
    if (writing_.capacity() > kWriteBatch) writing_ = {};
    if (!raw_.empty() || (open_ && !queue_.empty())) return pump();
    if (ending_) return end(std::move(*ending_));
    const auto handlers = handlers_;
    if (bytes > 0 && handlers->on_drained) handlers->on_drained(*this);
    maybe_over();
}

void Stream::maybe_over() {
    if (ended_ || busy_writing_ || !goodbye_written_) return;
    if (goodbye_read_) return end({EndKind::Orderly, "goodbye", {}, {}, {}});
    // The peer's goodbye may take as long as it likes on a relay, whose answer is still to come.
    if (purpose_ == Purpose::Gossip) start_timer(kGoodbyeTimeout);
}

void Stream::end(StreamEnd end) {
    if (ended_) return;
    const auto alive = shared_from_this();
    const auto handlers = handlers_;
    shut();
    if (handlers->on_end) handlers->on_end(*this, end);
}

void Stream::end_by(const std::error_code& error) {
    const bool stopped = error == asio::error::operation_aborted;
    if (stopped) return;
    // Somebody who connects and goes without a word is a scanner, not worth a line.
    end({EndKind::Broken,
         error == asio::error::eof ? "the other side closed" : error.message(),
         {},
         {},
         {}});
}

void Stream::garbled(std::string why) {
    StreamEnd told{EndKind::Garbled, std::move(why), {}, {}, {}};
    if (!caller_ && !open_) told.stranger = Stranger::Noise;
    end(std::move(told));
}

}  // namespace shoal::host
