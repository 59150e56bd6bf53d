#include "cli/world.h"

#include "cli/random.h"

#include <atomic>
#include <csignal>
#include <iostream>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace shoal::cli {
namespace {

Environment environment_of_process() {
    Environment out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

std::string read_without_echo() {
    termios shown{};
    const bool terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        termios hidden = shown;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden);
    }
    std::string line;
    std::getline(std::cin, line);
    if (terminal) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
    return line;
}

// Columns of whichever stream is a terminal.
std::size_t terminal_width() {
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        winsize size{};
        if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    }
    return 0;
}

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only use such");

// Once: a second ^C ends the process, should the first have found it somewhere else.
void heed_interrupt() {
    struct sigaction action {};

    action.sa_handler = [](int) { interrupted = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: it ends a pause
    ::sigaction(SIGINT, &action, nullptr);
}

// False as soon as somebody interrupts. The signal stays blocked outside ppoll(), so that none is
// lost between looking and sleeping.
bool pause_for(std::chrono::milliseconds duration) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
    const auto rest = std::chrono::nanoseconds{duration - whole};
    const timespec timeout{static_cast<time_t>(whole.count()), static_cast<long>(rest.count())};
    sigset_t blocked{};
    sigset_t before{};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    ::sigprocmask(SIG_BLOCK, &blocked, &before);
    if (!interrupted) (void)::ppoll(nullptr, 0, &timeout, &before);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return !interrupted;
}

}  // namespace

World real_world() {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    return {
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
        .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
        .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
        .width = terminal_width(),
        .environment = environment_of_process(),
        .now =
            [] {
                return duration_cast<milliseconds>(
                    std::chrono::steady_clock::now().time_since_epoch());
            },
        .wall =
            [] {
                return WallTime{
                    duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                        .count()};
            },
        .pause = pause_for,
        .heed_interrupt = heed_interrupt,
        .read_secret = read_without_echo,
        .draw_id = random_id,
        .examine = examine,
    };
}

}  // namespace shoal::cli
