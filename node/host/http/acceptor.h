// Accepts connections for as long as it lives.
//
// An accept that fails for want of descriptors would fail again at once, and for ever, as the
// caller still waits in the queue: after any failure a timer comes between.
#pragma once

#include "node/host/http/limits.h"

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace shoal::host::http {

// `Listener` has a member `acceptor` of an asio acceptor type.
template <class Listener>
class Acceptor : public std::enable_shared_from_this<Acceptor<Listener>> {
public:
    using Socket = typename decltype(Listener::acceptor)::protocol_type::socket;

    struct Events {
        std::function<void(Socket socket)> accepted{};
        std::function<void()> failed{};
    };

    Acceptor(asio::io_context& loop, Listener listener, std::chrono::milliseconds backoff,
             Events events)
        : listener_(std::move(listener)),
          timer_(loop),
          backoff_(backoff),
          events_(std::move(events)) {}

    void accept() {
        listener_.acceptor.async_accept(
            [weak = this->weak_from_this()](const asio::error_code& error, Socket socket) {
                const auto self = weak.lock();
                if (!self) return;
                if (error) return self->wait();
                self->events_.accepted(std::move(socket));
                self->accept();
            });
    }

private:
    void wait() {
        events_.failed();
        timer_.expires_after(backoff_);
        timer_.async_wait([weak = this->weak_from_this()](const asio::error_code& error) {
            const auto self = weak.lock();
            if (self && !error) self->accept();
        });
    }

    Listener listener_;
    asio::steady_timer timer_;
    std::chrono::milliseconds backoff_;
    Events events_;
};

}  // namespace shoal::host::http
