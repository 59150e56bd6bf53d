#include "cli/child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace shoal::cli {
namespace {

// What shells say of a program that cannot be started.
constexpr int kNotStarted = 127;

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// A program whose connection has closed is gone within milliseconds; this one may hang.
void give_time_to_end(pid_t pid) {
    for (int i = 0; i < 100; ++i) {
        siginfo_t info{};
        const int waited =
            ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
        if (waited != 0 || info.si_pid == pid) return;
        ::usleep(10'000);
    }
    ::kill(pid, SIGTERM);
}

// -1 with errno set.
int listen_on(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    // A zero in front makes the name abstract: no file, gone with the socket.
    const auto length = std::min(name.size(), sizeof address.sun_path - 1);
    name.copy(&address.sun_path[1], length);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return -1;
    // The C API of sockets is one address type seen as another.
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
        ::listen(listener, 1) == 0) {
        return listener;
    }
    const int error = errno;
    ::close(listener);
    errno = error;
    return -1;
}

// The first connection made by `parent`. An abstract name has no permissions; anybody may connect.
int accept_from(pid_t parent, int listener) {
    for (;;) {
        const int peer = ::accept(listener, nullptr, nullptr);
        if (peer < 0 && errno != EINTR) ::_exit(kNotStarted);
        if (peer < 0) continue;
        ucred who{};
        socklen_t size = sizeof who;
        const int known = ::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size);
        if (known == 0 && who.pid == parent) return peer;
        ::close(peer);
    }
}

// Between fork and exec: system calls only, for the parent may have had threads.
[[noreturn]] void become(char* const* arguments, pid_t parent, int listener) {
    const int peer = accept_from(parent, listener);
    ::dup2(peer, STDIN_FILENO);
    ::dup2(peer, STDOUT_FILENO);
    ::close(peer);
    ::execvp(arguments[0], arguments);
    ::_exit(kNotStarted);
}

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command, const std::string& name) {
    std::vector<char*> arguments;
    for (const auto& word : command) {
        // exec changes nothing; its signature is older than const.
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    const int listener = listen_on(name);
    if (listener < 0) return fail(Errc::Io, std::strerror(errno));
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(arguments.data(), parent, listener);
    const int error = errno;
    ::close(listener);
    if (pid < 0) return fail(Errc::Io, std::strerror(error));
    return Child{pid};
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this == &other) return *this;
    end();
    pid_ = std::exchange(other.pid_, -1);
    return *this;
}

Child::~Child() {
    end();
}

void Child::end() noexcept {
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    wait_for(std::exchange(pid_, -1));
}

std::string Child::wait() {
    if (pid_ < 0) return "ended";
    give_time_to_end(pid_);
    const int status = wait_for(std::exchange(pid_, -1));
    if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    const int code = WEXITSTATUS(status);
    return code == kNotStarted ? "could not be started, here or there"
                               : "exited with status " + std::to_string(code);
}

}  // namespace shoal::cli
