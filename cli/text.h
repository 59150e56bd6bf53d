// Small things done to text on its way to and from a person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::cli {

// "a,b" -> {"a", "b"}; "" -> {""}. The views point into `text`.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Without white space at both ends.
[[nodiscard]] std::string trimmed(std::string_view text);

// Control characters become '?': names and messages come from other machines, and an escape
// sequence in one must not drive the reader's terminal.
[[nodiscard]] std::string printable(std::string_view text);

// Broken at blanks into lines of at most `width` columns; a longer word has a line of its own,
// since a cut one cannot be copied. Line breaks in the text stay.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);

// The text, or what fits of it and an ellipsis. For lines that are drawn over.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

// How many columns the text takes on a terminal, one for each code point.
[[nodiscard]] std::size_t columns(std::string_view text);

// For one part of a URL: everything but letters, digits and -._~ is escaped.
[[nodiscard]] std::string url_escaped(std::string_view text);

// A number that fits and nothing else.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace shoal::cli
