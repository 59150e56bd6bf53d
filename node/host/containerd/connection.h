// The channel to one containerd, and what is under way on it. Internal: includes gRPC.
#pragma once

#include "node/base/result.h"
#include "node/host/containerd/await.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace shoal::host::ctrd {

class Connection {
public:
    explicit Connection(const std::string& socket);

    [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

    // A call begins; false: the connection is closed, do not make it.
    [[nodiscard]] bool enter(grpc::ClientContext& context);
    // Its callback has what it needs: nothing cancels the context any more. The callback destroys
    // it and then, last of all, leaves. In this order, because a context keeps the channel, and
    // gRPC does not survive that its own thread lets go of a channel last.
    void retire(grpc::ClientContext& context);
    void leave();

    // Cancels what is under way and waits until the last callback has returned.
    void close();

private:
    std::shared_ptr<grpc::Channel> channel_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::set<grpc::ClientContext*> calls_;
    std::size_t under_way_ = 0;
    bool closed_ = false;
};

// What every call of one client carries.
struct Scope {
    std::shared_ptr<Connection> connection{};
    std::string name_space{};
    std::string lease{};  // what it makes is kept as long as this lease; empty: none
};

inline constexpr std::chrono::milliseconds kForEver{0};

void prepare(grpc::ClientContext& context, const Scope& scope, std::chrono::milliseconds deadline);

[[nodiscard]] Error to_error(const char* doing, const grpc::Status& status);
[[nodiscard]] Error closed_error();

// One request, one response.
template <class Response, class Request, class Invoke>
Awaitable<Result<Response>> call(const char* doing, Scope scope, std::chrono::milliseconds deadline,
                                 Request request, Invoke invoke) {
    struct Call {
        grpc::ClientContext context{};
        Request request{};
        Response response{};
        grpc::Status status{};
    };

    const auto state = std::make_shared<Call>();
    state->request = std::move(request);
    prepare(state->context, scope, deadline);
    const auto connection = scope.connection;
    if (!connection->enter(state->context)) co_return fail(closed_error());
    co_await suspend([&](Wake wake) {
        const auto shared = std::make_shared<Wake>(std::move(wake));
        std::function<void(grpc::Status)> done = [held = state, raw = connection.get(),
                                                  shared](grpc::Status status) mutable {
            auto last = std::move(held);
            last->status = std::move(status);
            raw->retire(last->context);
            (*shared)();
            last.reset();
            raw->leave();
        };
        invoke(&state->context, &state->request, &state->response, std::move(done));
    });
    if (!state->status.ok()) co_return fail(to_error(doing, state->status));
    co_return std::move(state->response);
}

}  // namespace shoal::host::ctrd
