#include "cli/table.h"

#include "cli/text.h"

#include <algorithm>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr std::string_view kGap = "   ";
constexpr std::size_t kLastColumnMin = 24;  // narrower is harder to read than lines over the edge

std::string_view start_of(Tone tone) {
    switch (tone) {
        case Tone::Good:
            return "\x1b[32m";
        case Tone::Warning:
            return "\x1b[33m";
        case Tone::Bad:
            return "\x1b[31m";
        case Tone::Plain:
            break;
    }
    return "";
}

struct Laid {  // a cell, cut into the lines it takes
    std::vector<std::string> lines{};
    Tone tone = Tone::Plain;
};

using LaidRow = std::vector<Laid>;

LaidRow lay(const std::vector<Cell>& cells) {
    LaidRow row;
    for (const auto& cell : cells) {
        Laid laid{{}, cell.tone};
        for (const auto line : split(cell.text.empty() ? "-" : std::string_view{cell.text}, '\n')) {
            laid.lines.push_back(printable(line));
        }
        row.push_back(std::move(laid));
    }
    return row;
}

std::vector<std::size_t> widths_of(const std::vector<LaidRow>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        if (widths.size() < row.size()) widths.resize(row.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            for (const auto& line : row[i].lines) {
                widths[i] = std::max(widths[i], columns(line));
            }
        }
    }
    return widths;
}

std::vector<Cell> cells_of(const std::vector<std::string>& header) {
    std::vector<Cell> cells;
    for (const auto& title : header) {
        cells.push_back({title});
    }
    return cells;
}

void print_line(const LaidRow& row, std::size_t line, const std::vector<std::size_t>& widths,
                Table::Colour colour, std::ostream& out) {
    std::string blanks;  // Written only when text follows: no line ends in white space.
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto& cell = row[i];
        const std::string_view text =
            line < cell.lines.size() ? std::string_view{cell.lines[line]} : std::string_view{};
        if (!text.empty()) {
            out << blanks;
            blanks.clear();
            out << (colour == Table::Colour::On ? in_colour(std::string{text}, cell.tone)
                                                : std::string{text});
        }
        blanks.append(widths[i] - columns(text), ' ').append(kGap);
    }
    out << '\n';
}

}  // namespace

std::string in_colour(const std::string& text, Tone tone) {
    if (tone == Tone::Plain) return text;
    return std::string{start_of(tone)} + text + "\x1b[0m";
}

std::vector<std::vector<Cell>> Table::fitting_rows() const {
    auto rows = rows_;
    if (width_ == 0 || header_.empty()) return rows;
    std::vector<LaidRow> others;  // without the last column
    others.push_back(lay(cells_of({header_.begin(), header_.end() - 1})));
    for (const auto& cells : rows_) {
        if (!cells.empty()) others.push_back(lay({cells.begin(), cells.end() - 1}));
    }
    std::size_t taken = 0;
    for (const auto width : widths_of(others)) {
        taken += width + kGap.size();
    }
    const auto left = std::max(width_ > taken ? width_ - taken : 0, kLastColumnMin);
    for (auto& cells : rows) {
        if (cells.size() == header_.size()) cells.back().text = wrapped(cells.back().text, left);
    }
    return rows;
}

void Table::print(std::ostream& out, Colour colour) const {
    std::vector<LaidRow> rows;
    if (!header_.empty()) rows.push_back(lay(cells_of(header_)));
    for (const auto& cells : fitting_rows()) {
        rows.push_back(lay(cells));
    }
    const auto widths = widths_of(rows);
    for (const auto& row : rows) {
        std::size_t height = 0;
        for (const auto& cell : row) {
            height = std::max(height, cell.lines.size());
        }
        for (std::size_t line = 0; line < height; ++line) {
            print_line(row, line, widths, colour, out);
        }
    }
}

}  // namespace shoal::cli
