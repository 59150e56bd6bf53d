#include "node/host/http/connection.h"

#include "node/host/http/pieces.h"

#include <asio/post.hpp>

#include <utility>

namespace shoal::host::http {
namespace {

std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// The right to answer one request, once. Whoever drops it has answered 503.
class Connection::Ticket {
public:
    Ticket(asio::io_context& loop, std::weak_ptr<Connection> connection, std::uint64_t turn)
        : loop_(loop), connection_(std::move(connection)), turn_(turn) {}

    ~Ticket() {
        answer(json_error(503, "unavailable", "the node gave this request up", "try again"));
    }

    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

    // Later, as we may be inside the handler or deep in somebody's destructor.
    void answer(Response response) {
        if (std::exchange(used_, true) || connection_.expired()) return;
        asio::post(loop_, [to = connection_, turn = turn_, response = std::move(response)] {
            if (const auto self = to.lock()) self->answer(turn, response);
        });
    }

private:
    asio::io_context& loop_;
    std::weak_ptr<Connection> connection_;
    std::uint64_t turn_;
    bool used_ = false;
};

Connection::Connection(std::shared_ptr<ServerContext> server, std::shared_ptr<Pipe> pipe, Door door,
                       std::function<void()> ended)
    : server_(std::move(server)),
      pipe_(std::move(pipe)),
      door_(std::move(door)),
      ended_(std::move(ended)),
      parser_(server_->limits.message),
      timer_(server_->loop) {}

Connection::~Connection() {
    server_->held -= accounted_;
    if (pipe_) pipe_->close();
}

void Connection::start() {
    set_deadline(began_ + server_->limits.head_timeout);
    read();
}

void Connection::turn_away(const Refusal& refusal) {
    refuse(refusal);
}

void Connection::read() {
    reading_ = true;
    pipe_->read([weak = weak_from_this()](const Result<Bytes>& got) {
        if (const auto self = weak.lock()) self->on_read(got);
    });
}

void Connection::on_read(const Result<Bytes>& got) {
    reading_ = false;
    if (state_ == State::Closing) return on_discarded(got);
    if (state_ != State::Reading) return;
    if (!got) return end();
    if (!got->empty()) {
        parser_.push(text_of(*got));
        return advance();
    }
    if (!parser_.begun()) return end();
    refuse({400, "malformed", "the request ended early", {}});
}

void Connection::on_discarded(const Result<Bytes>& got) {
    discarded_ += got ? got->size() : 0;
    const bool over = !got || got->empty() || discarded_ > server_->limits.linger_bytes_max;
    over ? end() : read();
}

void Connection::advance() {
    while (state_ == State::Reading) {
        const auto parsed = parser_.next();
        account();
        if (stage_ == Stage::Idle && parser_.begun()) {
            stage_ = Stage::Head;
            began_ = Clock::now();
            set_deadline(began_ + server_->limits.head_timeout);
        }
        switch (parsed) {
            case Parsed::More:
                if (server_->held > server_->limits.held_max) {
                    return refuse(
                        {429, "overloaded", "too many requests arrive at once", "try again"});
                }
                return read();
            case Parsed::Head:
                on_head();
                break;
            case Parsed::Whole:
                return hand_over();
            case Parsed::Refused:
                return refuse(parser_.refusal());
        }
    }
}

std::optional<Refusal> Connection::check_head() const {
    const auto& head = parser_.request();
    if (door_.tcp) {
        if (auto refusal = admit(head, *door_.tcp)) return refusal;
    }
    return parser_.has_body() ? check_content(head) : std::nullopt;
}

void Connection::on_head() {
    stage_ = Stage::Body;
    set_deadline(began_ + server_->limits.request_timeout);
    head_only_ = parser_.request().method == "HEAD";
    if (const auto refusal = check_head()) return refuse(*refusal);
    if (parser_.wants_continue()) go_on();
}

void Connection::go_on() {
    state_ = State::Continuing;
    pipe_->write(encode_continue(), [weak = weak_from_this()](const Result<void>& written) {
        const auto self = weak.lock();
        if (!self || self->state_ != State::Continuing) return;
        if (!written) return self->end();
        self->state_ = State::Reading;
        self->advance();
    });
}

void Connection::hand_over() {
    state_ = State::Answering;
    keep_alive_ = parser_.keep_alive();
    auto request = parser_.take();
    request.peer = door_.peer;
    request.headers.erase("authorization");
    asked_ = request.body.size();
    account();
    set_deadline(server_->limits.answer_timeout);
    ++server_->counters.requests;
    const auto ticket = std::make_shared<Ticket>(server_->loop, weak_from_this(), turn_);
    server_->handler(std::move(request),
                     [ticket](Response response) { ticket->answer(std::move(response)); });
}

void Connection::answer(std::uint64_t turn, const Response& response) {
    if (state_ != State::Answering || turn != turn_) return;
    send(response, keep_alive_ ? Ending::KeepAlive : Ending::Close);
}

void Connection::refuse(const Refusal& refusal) {
    ++server_->counters.refused;
    send(to_response(refusal), Ending::Close);
}

void Connection::send(const Response& response, Ending ending) {
    ++turn_;
    state_ = State::Writing;
    ending_ = ending;
    asked_ = 0;
    account();
    set_deadline(server_->limits.send_timeout);
    const auto weak = weak_from_this();
    write_pieces(
        pipe_, encode_response(response, ending, head_only_ ? Part::HeadOnly : Part::All),
        [weak](const Result<void>& written) {
            if (const auto self = weak.lock()) self->on_sent(written);
        },
        [weak] {
            const auto self = weak.lock();
            if (self && self->state_ == State::Writing) {
                self->set_deadline(self->server_->limits.send_timeout);
            }
        });
}

void Connection::on_sent(const Result<void>& written) {
    if (state_ != State::Writing) return;
    if (!written) return end();
    if (ending_ == Ending::Close) return close_gently();
    next_request();
}

void Connection::next_request() {
    state_ = State::Reading;
    stage_ = Stage::Idle;
    head_only_ = false;
    set_deadline(server_->limits.idle_timeout);
    advance();
}

void Connection::close_gently() {
    state_ = State::Closing;
    pipe_->finish();
    set_deadline(server_->limits.linger_timeout);
    if (!reading_) read();
}

void Connection::end() {
    if (state_ == State::Closed) return;
    // After the last word a pipe is dropped, not closed: it still has that word to deliver.
    if (state_ != State::Closing) pipe_->close();
    pipe_.reset();
    state_ = State::Closed;
    timer_.cancel();
    ++server_->counters.closed;
    ended_();
}

void Connection::account() {
    const auto now = parser_.held() + asked_;
    server_->held += now;
    server_->held -= accounted_;
    accounted_ = now;
}

void Connection::set_deadline(std::chrono::milliseconds in) {
    set_deadline(Clock::now() + in);
}

void Connection::set_deadline(Clock::time_point at) {
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const asio::error_code& error) {
        const auto self = weak.lock();
        // One that had come due when the deadline was moved is not the deadline.
        if (!self || error || Clock::now() < self->timer_.expiry()) return;
        self->on_deadline();
    });
}

void Connection::on_deadline() {
    switch (state_) {
        case State::Reading:
            if (!parser_.begun()) return end();
            return refuse({408, "timeout", "the request did not arrive in time", {}});
        case State::Answering:
            keep_alive_ = false;
            return answer(turn_, json_error(504, "timeout", "the node took too long to answer"));
        case State::Continuing:
        case State::Writing:
        case State::Closing:
            return end();
        case State::Closed:
            return;
    }
}

}  // namespace shoal::host::http
