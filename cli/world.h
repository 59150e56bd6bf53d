// What a command touches besides the API: streams, environment, clocks, the person at the terminal.
// Tests put their own in its place, so no test waits and no test needs a terminal.
#pragma once

#include "cli/machine.h"
#include "node/base/time.h"

#include <chrono>
#include <functional>
#include <istream>
#include <map>
#include <ostream>
#include <string>

namespace shoal::cli {

using Environment = std::map<std::string, std::string>;

struct World {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool in_is_terminal = false;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    std::size_t width = 0;  // of the terminal, in columns; 0: unknown, or there is none
    Environment environment{};
    std::function<std::chrono::milliseconds()> now{};        // never runs backwards; for deadlines
    std::function<WallTime()> wall{};                        // for ages
    std::function<bool(std::chrono::milliseconds)> pause{};  // false: do not go on
    // From now on the first ^C does not end the process but the next pause, once; so that a command
    // can say what goes on without it.
    std::function<void()> heed_interrupt{};
    std::function<std::string()> read_secret{};  // a line from the terminal, not shown
    std::function<std::string()> draw_id{};      // 32 random hex digits
    std::function<MachineFacts(const MachineQuestion&)> examine{};

    [[nodiscard]] std::string variable(const std::string& name) const {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string{} : found->second;
    }
};

// The process's own.
[[nodiscard]] World real_world();

}  // namespace shoal::cli
