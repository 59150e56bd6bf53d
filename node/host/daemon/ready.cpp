#include "node/host/daemon/ready.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace shoal::host {
namespace {

constexpr std::string_view kReady = "READY=1\n";

// Sent at once and never waited for; whether anybody reads it is theirs to know.
bool send_to(const std::string& path, std::string_view text) {
    sockaddr_un to{};
    if (path.size() >= sizeof to.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    to.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), &to.sun_path[0]);
    if (path.front() == '@') to.sun_path[0] = '\0';  // A name that is no file.
    const int from = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (from < 0) return false;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    const auto sent = ::sendto(from, text.data(), text.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&to), size);
    const int why = errno;
    (void)::close(from);
    errno = why;
    return sent == static_cast<ssize_t>(text.size());
}

}  // namespace

void tell_ready() {
    const char* named = std::getenv("NOTIFY_SOCKET");
    if (named == nullptr || *named == '\0') return;
    const std::string path = named;
    // For this process alone; what it starts must not speak for it.
    (void)::unsetenv("NOTIFY_SOCKET");
    if (!send_to(path, kReady)) {
        spdlog::warn("NOTIFY_SOCKET {}: {}", path, std::strerror(errno));
    }
}

}  // namespace shoal::host
