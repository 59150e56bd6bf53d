// Process 1 of a container that asked for one (`init: true`): starts the program, passes signals on
// to it, reaps what others leave behind, and ends as the program ended.
//
//     shoal-init [--open-input] -- PROGRAM [ARGUMENT...]
//
// --open-input: the program's standard input is a pipe nobody writes to, whose other end stays open
// here, so that reading waits for as long as the container lives.
//
// Many programs are no good first process: the kernel ignores SIGTERM for a process 1 without a
// handler, and orphans stay zombies. Static and without the C++ library, because the container's
// own files are not known; the agent carries its bytes with it.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;
constexpr int kSignalled = 128;  // plus the signal, as shells have it

void say(const char* text) {
    // Nobody could be told that this failed.
    (void)!::write(STDERR_FILENO, text, std::strlen(text));
}

[[noreturn]] void become(char** words) {
    ::execvp(words[0], words);
    const int error = errno;
    say("shoal-init: ");
    say(words[0]);
    say(": ");
    say(std::strerror(error));
    say("\n");
    ::_exit(error == ENOENT ? kNotFound : kCannotRun);
}

// Everybody who has ended; the program's status once it has.
bool reap(pid_t program, int& status) {
    bool over = false;
    int one = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &one, WNOHANG)) > 0;) {
        if (pid != program) continue;
        status = one;
        over = true;
    }
    return over;
}

bool open_input() {
    int ends[2] = {-1, -1};
    return ::pipe2(ends, O_CLOEXEC) == 0 && ::dup2(ends[0], STDIN_FILENO) == STDIN_FILENO;
}

}  // namespace

int main(int count, char** words) {
    const bool opens = count > 1 && std::strcmp(words[1], "--open-input") == 0;
    const int dashes = opens ? 2 : 1;
    if (count < dashes + 2 || std::strcmp(words[dashes], "--") != 0) {
        say("usage: shoal-init [--open-input] -- PROGRAM [ARGUMENT...]\n");
        return kCannotRun;
    }
    if (opens && !open_input()) {
        say("shoal-init: cannot open an input\n");
        return kCannotRun;
    }
    // All signals wait to be taken in order; the program starts with none of them blocked.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t program = ::fork();
    if (program == 0) {
        sigprocmask(SIG_SETMASK, &before, nullptr);
        become(words + dashes + 1);
    }
    if (program < 0) {
        say("shoal-init: cannot start a process\n");
        return kCannotRun;
    }
    for (int status = 0;;) {
        int signal = 0;
        if (sigwait(&all, &signal) != 0) continue;
        if (signal != SIGCHLD) {
            ::kill(program, signal);
        } else if (reap(program, status)) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
        }
    }
}
