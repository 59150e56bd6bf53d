#include "node/host/http/socket_pipe.h"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include <array>
#include <utility>

namespace shoal::host::http {
namespace {

constexpr std::size_t kPiece = 16U << 10U;

bool would_block(const asio::error_code& error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

tl::unexpected<Error> gone(const std::string& why) {
    return fail(Errc::Unavailable, "the connection is gone: " + why);
}

}  // namespace

SocketPipe::SocketPipe(asio::io_context& loop, Socket socket)
    : loop_(loop), socket_(std::move(socket)) {
    asio::error_code ignored;
    socket_.non_blocking(true, ignored);
}

void SocketPipe::read(Read done) {
    reader_ = std::move(done);
    await_bytes();
}

void SocketPipe::await_bytes() {
    if (!socket_.is_open()) return break_read();
    socket_.async_wait(Socket::wait_read, [weak = weak_from_this()](const asio::error_code& error) {
        if (const auto self = weak.lock()) self->on_readable(error);
    });
}

void SocketPipe::on_readable(const asio::error_code& error) {
    if (!reader_) return;
    std::array<std::uint8_t, kPiece> piece{};
    asio::error_code failed = error;
    const auto size = failed ? 0 : socket_.read_some(asio::buffer(piece), failed);
    if (would_block(failed)) return await_bytes();
    const auto done = std::exchange(reader_, {});
    if (failed && failed != asio::error::eof) return done(gone(failed.message()));
    const auto bytes = ByteView{piece}.first(size);
    done(Bytes{bytes.begin(), bytes.end()});
}

void SocketPipe::break_read() {
    asio::post(loop_, [done = std::exchange(reader_, {})] { done(gone("closed here")); });
}

void SocketPipe::write(Bytes bytes, Written done) {
    writer_ = std::move(done);
    if (finished_) return answer_write(fail(Errc::Refused, "the pipe was finished"));
    out_ = std::move(bytes);
    written_ = 0;
    pump();
}

void SocketPipe::pump() {
    while (written_ < out_.size()) {
        asio::error_code error;
        written_ += socket_.write_some(asio::buffer(out_) + written_, error);
        if (would_block(error)) {
            socket_.async_wait(Socket::wait_write,
                               [weak = weak_from_this()](const asio::error_code& failed) {
                                   if (const auto self = weak.lock()) self->on_writable(failed);
                               });
            return;
        }
        if (error) return answer_write(gone(error.message()));
    }
    answer_write({});
}

void SocketPipe::on_writable(const asio::error_code& error) {
    if (!writer_) return;
    if (error) return answer_write(gone(error.message()));
    pump();
}

void SocketPipe::answer_write(Result<void> out) {
    out_ = {};
    if (finished_) shut_down();
    asio::post(loop_, [done = std::exchange(writer_, {}), out = std::move(out)] {
        if (done) done(out);
    });
}

void SocketPipe::finish() {
    finished_ = true;
    if (!writer_) shut_down();
}

void SocketPipe::shut_down() {
    asio::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void SocketPipe::close() {
    asio::error_code ignored;
    socket_.close(ignored);
    if (reader_) break_read();
    if (writer_) answer_write(gone("closed here"));
}

}  // namespace shoal::host::http
