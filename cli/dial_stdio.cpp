// `shoal dial-stdio`: what `ssh HOST shoal dial-stdio` runs for an ssh:// address. It is hidden: no
// person types it.
#include "cli/dial_stdio.h"

#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <variant>

namespace shoal::cli {
namespace {

bool write_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(to, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

enum class Copied { Some, End, Failed };

Copied copy(int from, int to) {
    std::array<char, 16384> buffer{};
    const auto count = ::read(from, buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR ? Copied::Some : Copied::Failed;
    if (count == 0) return Copied::End;
    return write_all(to, {buffer.data(), static_cast<std::size_t>(count)}) ? Copied::Some
                                                                           : Copied::Failed;
}

int connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // The C API of sockets is one address type seen as another.
    if (socket >= 0 &&
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int error = errno;
        ::close(socket);
        errno = error;
        return -1;
    }
    return socket;
}

Outcome<Exit> dial(Context& context) {
    const std::string wanted = "reach the agent of this machine";
    for (const auto& address : context.client.settings().addresses) {
        const auto* local = std::get_if<UnixAddress>(&address);
        if (local == nullptr) continue;
        const int socket = connect_to(local->path);
        if (socket < 0) {
            return failed({Exit::Unreachable, wanted,
                           fmt::format("{}: {}", to_string(address), std::strerror(errno)),
                           "start it with 'shoal agent'"});
        }
        const bool good = pump(STDIN_FILENO, STDOUT_FILENO, socket);
        ::close(socket);
        if (good) return Exit::Ok;
        return failed({Exit::Failed, wanted, "the connection broke", {}});
    }
    return failed({Exit::Usage, wanted, "SHOAL_ADDR names no unix:// address here", {}});
}

}  // namespace

bool pump(int in, int out, int socket) {
    std::array<pollfd, 2> watched{pollfd{in, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
    for (;;) {
        if (::poll(watched.data(), watched.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        if (watched[1].revents != 0) {
            const auto copied = copy(socket, out);
            if (copied != Copied::Some) return copied == Copied::End;
        }
        if (watched[0].revents != 0) {
            const auto copied = copy(in, socket);
            if (copied == Copied::Failed) return false;
            if (copied == Copied::End) {
                ::shutdown(socket, SHUT_WR);
                watched[0].fd = -1;  // poll passes it over
            }
        }
    }
}

void add_dial_stdio_command(Program& program) {
    program
        .command(program.root(), "dial-stdio", "carry standard input and output to the agent", dial)
        .group("");
}

}  // namespace shoal::cli
