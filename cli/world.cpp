#include "cli/world.h"

#include "cli/random.h"

#include <iostream>
#include <string_view>
#include <termios.h>
#include <thread>
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
        .pause =
            [](milliseconds duration) {
                std::this_thread::sleep_for(duration);
                return true;
            },
        .read_secret = read_without_echo,
        .draw_id = random_id,
    };
}

}  // namespace shoal::cli
