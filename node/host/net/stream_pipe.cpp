#include "node/host/net/stream_pipe.h"

#include <asio/post.hpp>

#include <algorithm>
#include <utility>

namespace shoal::host {
namespace {

constexpr std::size_t kPiece = 64U << 10U;
// What may wait for a reader before the peer is held back.
constexpr std::size_t kHeldMax = 4 * kPiece;

}  // namespace

StreamPipe::~StreamPipe() {
    if (gone_) return;
    if (finished_) {
        stream_->linger();
    } else {
        stream_->drop();
    }
}

void StreamPipe::read(Read done) {
    reader_ = std::move(done);
    serve();
}

void StreamPipe::serve() {
    if (!reader_) return;
    Result<Bytes> out{};
    if (!received_.empty()) {
        held_ -= received_.front().size();
        out = std::move(received_.front());
        received_.pop_front();
        if (held_ < kHeldMax) stream_->resume();
    } else if (gone_ && !over_) {
        out = fail(Errc::Unavailable, *gone_);
    } else if (!over_) {
        return;
    }
    asio::post(loop_, [done = std::exchange(reader_, {}), out = std::move(out)]() mutable {
        done(std::move(out));
    });
}

void StreamPipe::write(Bytes bytes, Written done) {
    if (gone_ || finished_ || bytes.empty()) {
        Result<void> out{};
        if (gone_) out = fail(Errc::Unavailable, *gone_);
        if (!gone_ && finished_) out = fail(Errc::Refused, "the pipe was finished");
        asio::post(loop_, [done = std::move(done), out] { done(out); });
        return;
    }
    writer_ = std::move(done);
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
        const auto piece = ByteView{bytes}.subspan(at, std::min(kPiece, bytes.size() - at));
        stream_->send({piece.begin(), piece.end()});
    }
}

void StreamPipe::finish() {
    finished_ = true;
    stream_->goodbye();
}

void StreamPipe::close() {
    stream_->drop();
    on_end("closed here");
}

void StreamPipe::on_data(Bytes bytes) {
    if (bytes.empty()) return;  // Empty means the end to a reader.
    held_ += bytes.size();
    received_.push_back(std::move(bytes));
    if (held_ >= kHeldMax) stream_->pause();
    serve();
}

void StreamPipe::on_goodbye() {
    over_ = true;
    serve();
}

void StreamPipe::on_drained() {
    if (!writer_) return;
    asio::post(loop_, [done = std::exchange(writer_, {})] { done({}); });
}

void StreamPipe::on_end(const std::string& why) {
    if (gone_) return;
    gone_ = why;
    serve();
    if (!writer_) return;
    asio::post(loop_,
               [done = std::exchange(writer_, {}), why] { done(fail(Errc::Unavailable, why)); });
}

}  // namespace shoal::host
