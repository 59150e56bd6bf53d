#include "cli/table.h"

#include "cli/text.h"

#include <algorithm>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr std::string_view kGap = "   ";

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
            const bool painted = colour == Table::Colour::On && cell.tone != Tone::Plain;
            if (painted) out << start_of(cell.tone);
            out << text;
            if (painted) out << "\x1b[0m";
        }
        blanks.append(widths[i] - columns(text), ' ').append(kGap);
    }
    out << '\n';
}

}  // namespace

void Table::print(std::ostream& out, Colour colour) const {
    std::vector<LaidRow> rows;
    if (!header_.empty()) {
        std::vector<Cell> cells;
        for (const auto& title : header_) {
            cells.push_back({title});
        }
        rows.push_back(lay(cells));
    }
    for (const auto& cells : rows_) {
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
