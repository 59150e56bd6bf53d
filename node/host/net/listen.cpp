#include "node/host/net/listen.h"

#include "node/host/net/address.h"

#include <asio/ip/v6_only.hpp>
#include <asio/socket_base.hpp>

#include <cerrno>
#include <utility>

namespace shoal::host {
namespace {

constexpr int kBacklog = 1024;
// A port free for TCP may be taken for UDP; with port 0 another is tried.
constexpr int kTries = 16;
constexpr int kReceiveBuffer = 4 << 20;

Error bind_error(const char* kind, const Endpoint& at, const std::error_code& error) {
    const std::string what = std::string{kind} + " " + to_string(at);
    if (error == asio::error::address_in_use) {
        return {Errc::Conflict, what +
                                    " is in use by another process; stop it, or choose another "
                                    "port with --port"};
    }
    if (error == asio::error::access_denied) {
        return {Errc::Denied,
                what + ": not allowed to listen there; choose a port above 1023 with --port"};
    }
    // asio's category knows no std::errc.
    if (error.value() == EADDRNOTAVAIL) {
        return {Errc::NotFound,
                what + ": this host has no such address; choose another with --bind"};
    }
    return {Errc::Io, "listening on " + what + ": " + error.message()};
}

template <class Socket>
void open_and_bind(Socket& socket, const typename Socket::endpoint_type& at, bool reuse,
                   asio::error_code& error) {
    socket.open(at.protocol(), error);
    if (!error && reuse) socket.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && at.address().is_v6()) socket.set_option(asio::ip::v6_only(true), error);
    if (!error) socket.bind(at, error);
}

struct Pair {
    asio::ip::tcp::acceptor tcp;
    asio::ip::udp::socket udp;
    Endpoint at;
};

Result<Pair> bind_pair(asio::io_context& loop, const asio::ip::address& address,
                       std::uint16_t port) {
    asio::error_code error;
    Pair out{asio::ip::tcp::acceptor{loop}, asio::ip::udp::socket{loop},
             to_endpoint(address, port)};
    open_and_bind(out.tcp, {address, port}, true, error);
    if (!error) out.tcp.listen(kBacklog, error);
    if (error) return fail(bind_error("TCP", out.at, error));
    out.at.port = out.tcp.local_endpoint(error).port();
    open_and_bind(out.udp, {address, out.at.port}, false, error);
    if (error) return fail(bind_error("UDP", out.at, error));
    asio::error_code ignored;
    out.udp.set_option(asio::socket_base::receive_buffer_size(kReceiveBuffer), ignored);
    return out;
}

Result<Pair> bind_any(asio::io_context& loop, const asio::ip::address& address,
                      std::uint16_t port) {
    for (int attempt = 1;; ++attempt) {
        auto out = bind_pair(loop, address, port);
        if (out || port != 0 || attempt == kTries) return out;
    }
}

void add(Listening& to, Pair pair) {
    to.tcp.push_back(std::move(pair.tcp));
    to.udp.push_back(std::move(pair.udp));
    to.local.push_back(std::move(pair.at));
}

}  // namespace

Result<Listening> listen_on(asio::io_context& loop, const std::vector<Endpoint>& bind) {
    Listening out;
    for (const auto& wanted : bind) {
        const auto address = wanted.ip.empty()
                                 ? Result<asio::ip::address>{asio::ip::address_v4::any()}
                                 : to_address(wanted.ip);
        if (!address) return fail(address.error());
        auto pair = bind_any(loop, *address, wanted.port);
        if (!pair) return fail(pair.error());
        const auto port = pair->at.port;
        add(out, std::move(*pair));
        if (!wanted.ip.empty()) continue;
        // A host without IPv6 is an ordinary host.
        auto v6 = bind_pair(loop, asio::ip::address_v6::any(), port);
        if (v6) {
            add(out, std::move(*v6));
        } else if (v6.error().code == Errc::Conflict) {
            return fail(v6.error());
        }
    }
    return out;
}

}  // namespace shoal::host
