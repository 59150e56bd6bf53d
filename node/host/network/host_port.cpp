#include "node/host/network/host_port.h"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>

namespace shoal::network {
namespace {

// 0, or the errno of the failure.
int try_bind(const Descriptor& socket, const Publication& port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port.host_port);
    address.sin_addr.s_addr = htonl(port.host.value);
    const int bound =
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return bound == 0 ? 0 : errno;
}

}  // namespace

Result<HostPort> HostPort::take(const Publication& port) {
    const int kind = port.protocol == Protocol::Tcp ? SOCK_STREAM : SOCK_DGRAM;
    Descriptor socket{::socket(AF_INET, kind | SOCK_CLOEXEC, 0)};
    if (!socket.open()) return fail(system_error("opening a socket", errno));
    int wrong = try_bind(socket, port);
    if (wrong == EADDRINUSE && port.protocol == Protocol::Tcp) {
        // Connections of a server that has ended linger for a minute and block the port for who
        // does not ask to share it. Asked only now: a shared port is not kept from others.
        const int on = 1;
        (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        wrong = try_bind(socket, port);
    }
    switch (wrong) {
        case 0:
            return HostPort{std::move(socket)};
        case EADDRINUSE:
            return fail(Errc::Conflict, to_string(port) + " is in use on this host");
        case EADDRNOTAVAIL:
            return fail(Errc::Unavailable, to_string(port) + ": " + to_string(port.host) +
                                               " is not an address of this host");
        default:
            return fail(system_error("binding " + to_string(port), wrong));
    }
}

}  // namespace shoal::network
