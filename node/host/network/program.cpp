#include "node/host/network/program.h"

#include "node/host/network/files.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace shoal::network {
namespace {

constexpr int kPatienceMs = 30'000;  // nft waits for its lock on a busy host, but not that long

// Input and output are memory, not pipes: nothing to poll, no order of reading to get wrong, and a
// program that does not read its input costs nobody a SIGPIPE.
Result<Descriptor> memory(std::string_view content) {
    Descriptor out{::memfd_create("shoal", MFD_CLOEXEC)};
    if (!out.open()) return fail(system_error("making a file in memory", errno));
    while (!content.empty()) {
        const auto put = ::write(out.get(), content.data(), content.size());
        if (put < 0) return fail(system_error("writing a file in memory", errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    (void)::lseek(out.get(), 0, SEEK_SET);
    return out;
}

std::string content_of(const Descriptor& file) {
    std::string out;
    std::array<char, 16384> piece{};
    (void)::lseek(file.get(), 0, SEEK_SET);
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got <= 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(got));
    }
}

std::string where_is(const std::string& name) {
    for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/", "/usr/local/sbin/"}) {
        std::string path = folder + name;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

Result<pid_t> spawn(const std::string& path, const std::vector<std::string>& words,
                    const std::array<int, 3>& files) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::string language = "LC_ALL=C";
    const std::array<char*, 2> environment{language.data(), nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (int to = 0; to < 3; ++to) {
        posix_spawn_file_actions_adddup2(&actions, files.at(static_cast<std::size_t>(to)), to);
    }
    // The agent may block or ignore signals; a program expects to start with none of that.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t child = 0;
    const int wrong = ::posix_spawn(&child, path.c_str(), &actions, &attributes, arguments.data(),
                                    environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (wrong != 0) return fail(system_error("starting " + path, wrong));
    return child;
}

// False: it had to be killed.
bool ends_in_time(pid_t child) {
    const Descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, child, 0))};
    if (!handle.open()) return true;  // waitpid waits as well, only without a limit
    pollfd waiting{handle.get(), POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&waiting, 1, kPatienceMs);
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) (void)::kill(child, SIGKILL);
    return ready != 0;
}

}  // namespace

Result<Ran> run_program(const std::vector<std::string>& words, std::string_view input) {
    const std::string path = where_is(words.front());
    if (path.empty()) {
        return fail(Errc::NotFound, "the program '" + words.front() + "' is not installed");
    }
    const auto in = memory(input);
    const auto out = memory({});
    const auto err = memory({});
    if (!in) return fail(in.error());
    if (!out) return fail(out.error());
    if (!err) return fail(err.error());
    const auto child = spawn(path, words, {in->get(), out->get(), err->get()});
    if (!child) return fail(child.error());
    const bool in_time = ends_in_time(*child);
    int status = 0;
    while (::waitpid(*child, &status, 0) < 0) {
        if (errno != EINTR) return fail(system_error("waiting for " + path, errno));
    }
    if (!in_time) return fail(Errc::TimedOut, path + " did not end and was killed");
    Ran ran;
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.out = content_of(*out);
    ran.err = content_of(*err);
    return ran;
}

}  // namespace shoal::network
