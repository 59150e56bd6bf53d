#include "node/host/http/server.h"

#include "node/host/http/acceptor.h"
#include "node/host/http/socket_pipe.h"
#include "node/host/http/unix_socket.h"
#include "node/host/net/address.h"

#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>

#include <map>
#include <utility>
#include <variant>
#include <vector>

namespace shoal::host::http {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 128;
constexpr const char* kGroup = "shoal";

struct TcpListener {
    tcp::acceptor acceptor;
};

Error listen_error(const Endpoint& at, const asio::error_code& error) {
    const auto what = to_string(at);
    if (error == asio::error::address_in_use) {
        return {Errc::Conflict, what +
                                    " is in use by another process; stop it, or choose another "
                                    "port with --http"};
    }
    return {Errc::Io, "listening on " + what + ": " + error.message()};
}

Result<TcpListener> listen_tcp_socket(asio::io_context& loop, const Endpoint& at) {
    const auto address = to_address(at.ip);
    if (!address) return fail(address.error());
    const tcp::endpoint endpoint{*address, at.port};
    TcpListener out{tcp::acceptor{loop}};
    asio::error_code error;
    out.acceptor.open(endpoint.protocol(), error);
    if (!error) out.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address->is_v6()) out.acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) out.acceptor.bind(endpoint, error);
    if (!error) out.acceptor.listen(kBacklog, error);
    if (error) return fail(listen_error(at, error));
    return out;
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& loop, const HttpLimits& limits, Handler handler)
        : context(std::make_shared<ServerContext>(
              ServerContext{loop, limits, std::move(handler), {}, 0})) {}

    Result<void> listen_unix(const std::string& path);
    Result<Endpoint> listen_tcp(const Endpoint& at, std::string_view token);
    void open(std::shared_ptr<Pipe> pipe, Door door);

    std::shared_ptr<ServerContext> context;

    struct Open {
        std::shared_ptr<Connection> connection{};
        bool local = false;        // came by the UNIX socket
        bool turned_away = false;  // is only being told so
    };

    std::map<std::uint64_t, Open> connections;

private:
    using UnixAcceptor = Acceptor<UnixListener>;
    using TcpAcceptor = Acceptor<TcpListener>;

    struct Tally {
        std::size_t local = 0;
        std::size_t others = 0;
        std::size_t turned_away = 0;
    };

    [[nodiscard]] Tally tally() const;
    [[nodiscard]] bool has_room(const Tally& now, bool local) const;
    template <class Listener>
    std::shared_ptr<Acceptor<Listener>> accept_from(
        Listener listener, std::function<void(typename Acceptor<Listener>::Socket)> accepted);
    void on_unix(asio::local::stream_protocol::socket socket);
    void on_tcp(tcp::socket socket, std::shared_ptr<const Secret> token);

    std::uint64_t next_ = 0;
    std::vector<std::shared_ptr<UnixAcceptor>> unix_;
    std::vector<std::shared_ptr<TcpAcceptor>> tcp_;
};

template <class Listener>
std::shared_ptr<Acceptor<Listener>> HttpServer::Impl::accept_from(
    Listener listener, std::function<void(typename Acceptor<Listener>::Socket)> accepted) {
    // It is ours and cannot outlive us.
    typename Acceptor<Listener>::Events events{std::move(accepted),
                                               [this] { ++context->counters.accept_failures; }};
    auto out = std::make_shared<Acceptor<Listener>>(
        context->loop, std::move(listener), context->limits.accept_backoff, std::move(events));
    out->accept();
    return out;
}

Result<void> HttpServer::Impl::listen_unix(const std::string& path) {
    auto listener = listen_unix_socket(context->loop, path, kGroup);
    if (!listener) return fail(listener.error());
    unix_.push_back(accept_from<UnixListener>(std::move(*listener),
                                              [this](auto socket) { on_unix(std::move(socket)); }));
    return {};
}

Result<Endpoint> HttpServer::Impl::listen_tcp(const Endpoint& at, std::string_view token) {
    if (token.empty()) {
        return fail(Errc::Refused, "the API is not served on TCP without a token");
    }
    auto listener = listen_tcp_socket(context->loop, at);
    if (!listener) return fail(listener.error());
    auto bytes = to_bytes(token);
    const auto secret = std::make_shared<const Secret>(ByteView{bytes});
    wipe(bytes);
    asio::error_code ignored;
    const auto local = to_endpoint(listener->acceptor.local_endpoint(ignored));
    tcp_.push_back(accept_from<TcpListener>(
        std::move(*listener), [this, secret](auto socket) { on_tcp(std::move(socket), secret); }));
    return local;
}

void HttpServer::Impl::on_unix(asio::local::stream_protocol::socket socket) {
    const auto peer = peer_of(socket);
    if (!peer) return;
    open(std::make_shared<SocketPipe>(context->loop, std::move(socket)), Door{*peer, {}});
}

void HttpServer::Impl::on_tcp(tcp::socket socket, std::shared_ptr<const Secret> token) {
    asio::error_code gone;
    const auto from = socket.remote_endpoint(gone);
    if (gone) return;
    const auto served = socket.local_endpoint(gone).address();
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    open(std::make_shared<SocketPipe>(context->loop, std::move(socket)),
         Door{TcpPeer{to_endpoint(from)}, TcpDoor{std::move(token), served}});
}

HttpServer::Impl::Tally HttpServer::Impl::tally() const {
    Tally out{};
    for (const auto& [id, open] : connections) {
        ++(open.turned_away ? out.turned_away : open.local ? out.local : out.others);
    }
    return out;
}

bool HttpServer::Impl::has_room(const Tally& now, bool local) const {
    const auto& limits = context->limits;
    if (now.local + now.others >= limits.connections_max) return false;
    return local || now.others + limits.connections_for_unix < limits.connections_max;
}

void HttpServer::Impl::open(std::shared_ptr<Pipe> pipe, Door door) {
    ++context->counters.accepted;
    const bool local = std::holds_alternative<UnixPeer>(door.peer);
    const auto now = tally();
    const bool room = has_room(now, local);
    if (!room) {
        ++context->counters.turned_away;
        if (now.turned_away >= context->limits.turned_away_max) return pipe->close();
    }
    const auto id = next_++;
    const auto connection = std::make_shared<Connection>(context, std::move(pipe), std::move(door),
                                                         [weak = weak_from_this(), id] {
                                                             if (const auto self = weak.lock())
                                                                 self->connections.erase(id);
                                                         });
    connections.emplace(id, Open{connection, local, !room});
    if (room) return connection->start();
    connection->turn_away(
        {503, "unavailable", "too many connections are open", "close some, or try again"});
}

HttpServer::HttpServer(asio::io_context& loop, const HttpLimits& limits, Handler handler)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(handler))) {}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::listen_unix(const std::string& path) {
    return impl_->listen_unix(path);
}

Result<Endpoint> HttpServer::listen_tcp(const Endpoint& at, std::string_view bearer_token) {
    return impl_->listen_tcp(at, bearer_token);
}

void HttpServer::serve(std::shared_ptr<Pipe> pipe, const NodeId& from) {
    impl_->open(std::move(pipe), Door{RelayPeer{from}, {}});
}

std::size_t HttpServer::connections() const {
    return impl_->connections.size();
}

const HttpCounters& HttpServer::counters() const {
    return impl_->context->counters;
}

}  // namespace shoal::host::http
