// Runs real commands against a fake node, in a world where time passes only when a command waits.
#pragma once

#include "cli/exit.h"
#include "cli/run.h"
#include "cli/world.h"
#include "tests/cli/fake_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace shoal::cli {

struct Ran {
    Exit exit = Exit::Ok;
    std::string out{};
    std::string err{};
};

inline std::ostream& operator<<(std::ostream& out, Exit exit) {
    return out << static_cast<int>(exit);
}

class CliTest : public ::testing::Test {
protected:
    CliTest() { environment_["SHOAL_ADDR"] = node_.address(); }

    Ran run(std::vector<std::string> words, const std::string& input = {}) {
        std::istringstream in{input};
        std::ostringstream out;
        std::ostringstream err;
        World world{
            .in = in,
            .out = out,
            .err = err,
            .in_is_terminal = in_is_terminal_,
            .out_is_terminal = out_is_terminal_,
            .err_is_terminal = err_is_terminal_,
            .width = width_,
            .environment = environment_,
            .now = [this] { return now_; },
            .wall = [] { return WallTime{1'769'853'600'000}; },  // 2026-01-31T10:00:00Z
            .pause =
                [this](std::chrono::milliseconds duration) {
                    now_ += duration;
                    return ++pauses_ <= pauses_max_;
                },
            .heed_interrupt = [this] { heeds_interrupt_ = true; },
            .read_secret =
                [&in] {
                    std::string line;
                    std::getline(in, line);
                    return line;
                },
            .draw_id =
                [this] {
                    const auto at = std::min(ids_drawn_++, ids_.size() - 1);
                    return std::string(32, ids_[at]);
                },
            .examine =
                [this](const MachineQuestion& question) {
                    examined_ = question;
                    return facts_;
                },
        };
        const auto status = cli::run(world, std::move(words));
        return {static_cast<Exit>(status), out.str(), err.str()};
    }

    // The command ends when it wants to wait once more than that: a person's ^C.
    void stops_after(int pauses) { pauses_max_ = pauses; }

    FakeNode node_;
    Environment environment_;
    bool in_is_terminal_ = false;
    bool out_is_terminal_ = false;
    bool err_is_terminal_ = false;
    std::size_t width_ = 0;
    bool heeds_interrupt_ = false;
    std::string ids_ = "7";  // one digit an id, the last for ever
    std::size_t ids_drawn_ = 0;
    MachineFacts facts_{};
    MachineQuestion examined_{};
    std::chrono::milliseconds now_{0};
    int pauses_ = 0;
    int pauses_max_ = std::numeric_limits<int>::max();
};

}  // namespace shoal::cli
