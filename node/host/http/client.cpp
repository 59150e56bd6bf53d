#include "node/host/http/client.h"

#include "node/host/http/answer_parser.h"
#include "node/host/http/encode.h"
#include "node/host/http/pieces.h"

#include <asio/steady_timer.hpp>

#include <string_view>
#include <utility>

namespace shoal::host::http {
namespace {

// Kept alive by the callbacks it has left with the pipe and the timer, at most until the deadline.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(asio::io_context& loop, std::shared_ptr<Pipe> pipe, const Request& request,
             const ForwardLimits& limits, Forwarded done)
        : pipe_(std::move(pipe)),
          timer_(loop),
          answer_(request.method, limits.answer_max),
          done_(std::move(done)) {}

    void start(Bytes request, std::chrono::milliseconds deadline) {
        timer_.expires_after(deadline);
        timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
            if (!error)
                self->give_up(fail(Errc::TimedOut, "the other node did not answer in time"));
        });
        write_pieces(pipe_, std::move(request),
                     [self = shared_from_this()](const Result<void>& written) {
                         // A failed write is no verdict: the answer may have come before the end of
                         // the request, and if not, reading fails as well.
                         if (written && self->pipe_) self->pipe_->finish();
                         self->asked_ = written.has_value();
                     },
                     {});
        read();
    }

private:
    void read() {
        pipe_->read([self = shared_from_this()](const Result<Bytes>& got) { self->on_read(got); });
    }

    void on_read(const Result<Bytes>& got) {
        if (!done_) return;
        if (!got) return give_up(fail(got.error()));
        if (got->empty()) return end(answer_.finish());
        const std::string_view text{reinterpret_cast<const char*>(got->data()), got->size()};
        if (auto answer = answer_.push(text)) return end(std::move(*answer));
        read();
    }

    void give_up(Result<Response> why) {
        asked_ = false;
        end(std::move(why));
    }

    void end(Result<Response> out) {
        if (!done_) return;
        timer_.cancel();
        // After goodbye a pipe is dropped, not closed: the other node would take it for a break.
        if (!asked_) pipe_->close();
        pipe_.reset();
        std::exchange(done_, {})(std::move(out));
    }

    std::shared_ptr<Pipe> pipe_;
    asio::steady_timer timer_;
    AnswerParser answer_;
    Forwarded done_;
    bool asked_ = false;  // the whole request is written and the pipe finished
};

}  // namespace

void forward(asio::io_context& loop, std::shared_ptr<Pipe> pipe, const Request& request,
             const ForwardLimits& limits, Forwarded done) {
    std::make_shared<Exchange>(loop, std::move(pipe), request, limits, std::move(done))
        ->start(encode_request(request), limits.deadline);
}

}  // namespace shoal::host::http
