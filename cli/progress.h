// What happens to replicas, for a person who waits: on a terminal a picture drawn over and over, in
// a pipe one line for each change.
#pragma once

#include "cli/context.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::cli {

class Progress {
public:
    struct Line {
        std::string name{};   // "web.0"
        std::string state{};  // "healthy"
        std::string text{};   // "healthy on b", "pending: no node has room"
    };

    explicit Progress(Context& context);

    // `summary` stands above the picture; a pipe gets it only when it is worth a line of its own.
    enum class Summary : std::uint8_t { Passing, Remark };
    void show(const std::string& summary, Summary weight, const std::vector<Line>& lines);

    // A line of its own that stays.
    void say(const std::string& text);

private:
    void draw(const std::string& summary, const std::vector<Line>& lines);
    void tell(const std::string& remark, const std::vector<Line>& lines);
    [[nodiscard]] std::string painted(const Line& line, std::size_t name_width) const;

    Context& context_;
    bool live_ = false;
    std::size_t drawn_ = 0;  // lines of the picture on the screen
    std::string picture_{};
    std::string remark_{};
    std::map<std::string, std::string> told_{};  // by name
};

// What there is to say of one slot; `why` explains one that waits.
[[nodiscard]] Progress::Line progress_line(const std::string& job, const Json& slot,
                                           const std::string& why);

}  // namespace shoal::cli
