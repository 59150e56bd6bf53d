#include "node/host/containerd/connection.h"

#include <climits>

namespace shoal::host::ctrd {
namespace {

constexpr int kMessageMax = 16 << 20;
// gRPC would wait up to two minutes before it tries again; containerd is back in a tenth of a
// second.
constexpr int kReconnectMinMs = 100;
constexpr int kReconnectMaxMs = 1000;
constexpr int kConnectMs = 5000;

Errc code_of(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::NOT_FOUND:
            return Errc::NotFound;
        case grpc::StatusCode::ALREADY_EXISTS:
            return Errc::Conflict;
        case grpc::StatusCode::UNAVAILABLE:
        case grpc::StatusCode::CANCELLED:
            return Errc::Unavailable;
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return Errc::TimedOut;
        case grpc::StatusCode::INVALID_ARGUMENT:
            return Errc::Malformed;
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::UNAUTHENTICATED:
            return Errc::Denied;
        case grpc::StatusCode::RESOURCE_EXHAUSTED:
            return Errc::Full;
        default:
            return Errc::Refused;  // containerd was asked, and could not or would not.
    }
}

}  // namespace

Connection::Connection(const std::string& socket) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMessageMax);
    arguments.SetMaxSendMessageSize(kMessageMax);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
    // Despite its name: how long one attempt to connect may take.
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
    // Not shared with other channels of this process to the same socket: closing one is its own
    // matter.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ =
        grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), arguments);
}

bool Connection::enter(grpc::ClientContext& context) {
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    calls_.insert(&context);
    ++under_way_;
    return true;
}

void Connection::retire(grpc::ClientContext& context) {
    const std::lock_guard lock{mutex_};
    calls_.erase(&context);
}

void Connection::leave() {
    const std::lock_guard lock{mutex_};
    if (--under_way_ == 0) idle_.notify_all();
}

void Connection::close() {
    std::unique_lock lock{mutex_};
    closed_ = true;
    for (auto* context : calls_) {
        context->TryCancel();
    }
    idle_.wait(lock, [this] { return under_way_ == 0; });
}

void prepare(grpc::ClientContext& context, const Scope& scope, std::chrono::milliseconds deadline) {
    if (!scope.name_space.empty()) context.AddMetadata("containerd-namespace", scope.name_space);
    if (!scope.lease.empty()) context.AddMetadata("containerd-lease", scope.lease);
    if (deadline != kForEver) context.set_deadline(std::chrono::system_clock::now() + deadline);
}

Error to_error(const char* doing, const grpc::Status& status) {
    return {code_of(status.error_code()), std::string{doing} + ": " + status.error_message()};
}

Error closed_error() {
    return {Errc::Unavailable, "the connection to containerd was closed"};
}

}  // namespace shoal::host::ctrd
