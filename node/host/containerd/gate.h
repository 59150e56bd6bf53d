// Waiting for each other, for coroutines of one thread: a gate, and a number of places.
#pragma once

#include "node/host/containerd/await.h"

#include <asio/error_code.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace shoal::host::ctrd {

using Moment = std::chrono::steady_clock::time_point;

inline Awaitable<void> pause(asio::any_io_executor executor, std::chrono::milliseconds time) {
    asio::steady_timer timer{executor, time};
    asio::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Whoever waits goes on at the next open(), or when its time is over, and looks for itself.
class Gate {
public:
    explicit Gate(const asio::any_io_executor& executor) : executor_(executor) {}

    void open() {
        for (const auto& timer : std::exchange(waiting_, {})) {
            timer->cancel();
        }
    }

    Awaitable<void> wait_until(Moment end) {
        auto timer = std::make_shared<asio::steady_timer>(executor_, end);
        waiting_.push_back(timer);
        asio::error_code ignored;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        std::erase(waiting_, timer);
    }

    Awaitable<void> wait() { return wait_until(Moment::max()); }

private:
    asio::any_io_executor executor_;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting_;
};

// At most so many at once.
class Limiter {
public:
    Limiter(const asio::any_io_executor& executor, std::size_t places)
        : free_(std::max<std::size_t>(1, places)), left_(executor) {}

    // Gives its place back when it goes.
    class Place {
    public:
        explicit Place(Limiter& limiter) : limiter_(&limiter) {}

        Place(Place&& other) noexcept : limiter_(std::exchange(other.limiter_, nullptr)) {}

        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        Place& operator=(Place&&) = delete;

        ~Place() {
            if (limiter_ == nullptr) return;
            ++limiter_->free_;
            limiter_->left_.open();
        }

    private:
        Limiter* limiter_;
    };

    Awaitable<Place> enter() {
        while (free_ == 0) {
            co_await left_.wait();
        }
        --free_;
        co_return Place{*this};
    }

private:
    std::size_t free_;
    Gate left_;
};

}  // namespace shoal::host::ctrd
