// Waiting, in coroutines of asio, for something that happens on another thread.
//
// gRPC calls back from threads of its own. A Wake may be called from any of them, once: it posts
// the coroutine back to where it runs. Never called but destroyed, it takes the coroutine with it.
//
// A rule for every coroutine here: what owns something gets a name before `co_await`. Of a lambda
// with captures or an aggregate written inside such an expression, or either side of a `?:` in it,
// g++ 12 destroys the temporary twice.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace shoal::host::ctrd {

template <class T>
using Awaitable = asio::awaitable<T>;

class Wake {
public:
    template <class Handler>
    explicit Wake(Handler handler) : held_(std::make_unique<Held<Handler>>(std::move(handler))) {}

    void operator()() {
        if (auto held = std::move(held_)) held->post(std::move(held));
    }

private:
    struct Any {
        virtual ~Any() = default;
        virtual void post(std::unique_ptr<Any> self) = 0;
        virtual void resume() = 0;
    };

    template <class Handler>
    struct Held final : Any {
        explicit Held(Handler h) : handler(std::move(h)) {}

        void post(std::unique_ptr<Any> self) override {
            auto executor = asio::get_associated_executor(handler);
            asio::post(executor, [self = std::move(self)]() mutable {
                const auto last = std::move(self);
                last->resume();
            });
        }

        void resume() override { std::move(handler)(); }

        Handler handler;
    };

    std::unique_ptr<Any> held_;
};

// Runs `start(Wake)` at once; goes on after the Wake was called. What `start` refers to must live
// until then.
template <class Start>
Awaitable<void> suspend(Start start) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        [start = std::move(start)](auto handler) mutable { start(Wake{std::move(handler)}); },
        asio::use_awaitable);
}

}  // namespace shoal::host::ctrd
