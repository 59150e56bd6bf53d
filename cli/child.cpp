#include "cli/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace shoal::cli {
namespace {

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

// A program that has closed its socket is gone within milliseconds; this one may hang.
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

}  // namespace

Result<Child> Child::start(const std::vector<std::string>& command) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail(Errc::Io, std::string{"no socket pair: "} + std::strerror(errno));
    }
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (const auto& word : command) {
        // posix_spawn changes nothing; its signature is older than const.
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        return fail(Errc::NotFound, command.front() + ": " + std::strerror(error));
    }
    return Child{pid, ends[0]};
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this == &other) return *this;
    end();
    pid_ = std::exchange(other.pid_, -1);
    socket_ = std::exchange(other.socket_, -1);
    return *this;
}

Child::~Child() {
    end();
}

void Child::end() noexcept {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    wait_for(std::exchange(pid_, -1));
}

int Child::take_socket() {
    return std::exchange(socket_, -1);
}

std::string Child::wait() {
    if (pid_ < 0) return "ended";
    give_time_to_end(pid_);
    const int status = wait_for(std::exchange(pid_, -1));
    if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    return "exited with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace shoal::cli
