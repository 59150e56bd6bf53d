// Columns for people: a header in capitals, cells as wide as the widest, nothing truncated.
//
// A cell may hold several lines (all the reasons a node declined); they continue below it. On a
// terminal a cell may have a colour; it never carries anything the text does not say.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace shoal::cli {

enum class Tone : std::uint8_t { Plain, Good, Warning, Bad };

struct Cell {
    std::string text{};
    Tone tone = Tone::Plain;
};

// Between the escapes of its colour; Plain has none.
[[nodiscard]] std::string in_colour(const std::string& text, Tone tone);

class Table {
public:
    enum class Colour : std::uint8_t { Off, On };

    // Without a header: rows of "word  value".
    explicit Table(std::vector<std::string> header = {}) : header_(std::move(header)) {}

    // An empty cell shows as "-", so that a row can be split by white space.
    void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

    // On a terminal that wide, the last column is broken over lines rather than run over the edge.
    // 0: any width will do.
    void wrap_last_column(std::size_t width) { width_ = width; }

    void print(std::ostream& out, Colour colour) const;

private:
    [[nodiscard]] std::vector<std::vector<Cell>> fitting_rows() const;

    std::vector<std::string> header_;
    std::vector<std::vector<Cell>> rows_;
    std::size_t width_ = 0;
};

}  // namespace shoal::cli
