#include "cli/progress.h"

#include "cli/human.h"
#include "cli/settling.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace shoal::cli {
namespace {

// A picture taller than the screen cannot be drawn over.
constexpr std::size_t kLinesMax = 20;

// Those that are not well first, when not all fit.
std::vector<Progress::Line> most_telling(std::vector<Progress::Line> lines) {
    if (lines.size() <= kLinesMax) return lines;
    std::stable_partition(lines.begin(), lines.end(),
                          [](const auto& line) { return line.state != "healthy"; });
    lines.resize(kLinesMax);
    return lines;
}

}  // namespace

Progress::Progress(Context& context)
    : context_(context),
      live_(context.talkative() && context.world.err_is_terminal &&
            context.world.variable("TERM") != "dumb") {}

std::string Progress::painted(const Line& line, std::size_t name_width) const {
    const auto width = context_.world.width;
    auto text = "  " + printable(line.name);
    text.append(name_width - columns(line.name) + 2, ' ');
    const auto left = width > columns(text) ? width - columns(text) : 0;
    const auto rest = printable(line.text);
    // Longer lines would take two rows of the screen, and the count of rows would be wrong.
    const auto shown = width == 0 ? rest : shortened(rest, left);
    const bool colourful = context_.world.variable("NO_COLOR").empty();
    return text + (colourful ? in_colour(shown, slot_cell(line.state).tone) : shown);
}

void Progress::draw(const std::string& summary, const std::vector<Line>& lines) {
    const auto shown = most_telling(lines);
    std::size_t name_width = 0;
    for (const auto& line : shown) {
        name_width = std::max(name_width, columns(line.name));
    }
    std::string picture = printable(summary) + "\n";
    for (const auto& line : shown) {
        picture += painted(line, name_width) + "\n";
    }
    if (shown.size() < lines.size()) {
        picture += fmt::format("  and {} more\n", lines.size() - shown.size());
    }
    if (picture == picture_) return;
    auto& err = context_.world.err;
    if (drawn_ > 0) err << fmt::format("\x1b[{}A\x1b[J", drawn_);
    err << picture << std::flush;
    drawn_ = static_cast<std::size_t>(std::count(picture.begin(), picture.end(), '\n'));
    picture_ = std::move(picture);
}

void Progress::tell(const std::string& remark, const std::vector<Line>& lines) {
    auto& err = context_.world.err;
    for (const auto& line : lines) {
        // That nothing happened yet is not worth a line.
        auto& last = told_.try_emplace(line.name, "pending").first->second;
        if (last == line.text) continue;
        err << printable(line.name) << ' ' << printable(line.text) << '\n';
        last = line.text;
    }
    if (remark != remark_ && !remark.empty()) err << printable(remark) << '\n';
    remark_ = remark;
    err.flush();
}

void Progress::show(const std::string& summary, Summary weight, const std::vector<Line>& lines) {
    if (!context_.talkative()) return;
    if (live_) {
        draw(summary, lines);
    } else {
        tell(weight == Summary::Remark ? summary : "", lines);
    }
}

void Progress::say(const std::string& text) {
    context_.world.err << printable(text) << '\n';
    // What is drawn next goes below.
    drawn_ = 0;
    picture_.clear();
}

Progress::Line progress_line(const std::string& job, const Json& slot, const std::string& why) {
    const auto state = text_at(slot, "state");
    const auto node = text_at(slot, "node");
    auto text = node.empty() ? state : state + " on " + node;
    const auto detail = text_at(slot, "detail");
    const auto& reason = detail.empty() && state == "pending" ? why : detail;
    if (state == "waiting" && !reason.empty()) {
        text = reason;  // It says so itself.
    } else if (!reason.empty() && !is_well(slot)) {
        text += ": " + reason;
    }
    const auto restarts = count_at(slot, "restarts");
    if (restarts > 0) text += fmt::format(" ({})", counted(restarts, "restart"));
    return {slot_name(job, slot), state, std::move(text)};
}

}  // namespace shoal::cli
