// One line a replica wrote, and how a person gets to see it: "web.2@node-b | text", with '!' for
// what went to standard error.
#pragma once

#include "cli/context.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace shoal::cli {

struct LogLine {
    std::string job{};
    std::uint64_t slot = 0;
    std::uint64_t epoch = 0;
    std::string node{};
    std::string stream{};
    std::string at{};  // as the API writes times, which sort as texts do
    std::string text{};
    bool partial = false;
};

// An item of "lines" in an answer of `node`.
[[nodiscard]] LogLine read_log_line(const std::string& job, const std::string& node,
                                    const Json& item);

// Without what would drive a terminal: colours go, tabs stay, other control characters become '?'.
[[nodiscard]] std::string tame(std::string_view text);

class LogPrinter {
public:
    enum class Times : std::uint8_t { Off, On };

    LogPrinter(Context& context, Times times) : context_(context), times_(times) {}

    void print(const LogLine& line);

private:
    [[nodiscard]] LogLine tamed(LogLine line) const;
    [[nodiscard]] std::string for_people(LogLine line) const;

    Context& context_;
    Times times_;
};

}  // namespace shoal::cli
