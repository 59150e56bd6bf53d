#include "cli/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace shoal::cli {
namespace {

constexpr bool is_continuation(unsigned char c) {
    return (c & 0xC0U) == 0x80U;
}

constexpr bool is_unreserved(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\v\f";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(kSpace) - begin + 1)};
}

std::string printable(std::string_view text) {
    std::string out{text};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        const bool c1 = i + 1 < out.size() && c == 0xC2 &&
                        static_cast<unsigned char>(out[i + 1]) < 0xA0;  // U+0080 to U+009F
        if (c1) out[i++] = '?';
        if (c1 || c < 0x20 || c == 0x7F) out[i] = '?';
    }
    return out;
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return !is_continuation(static_cast<unsigned char>(c));
    }));
}

std::string wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    for (const auto paragraph : split(text, '\n')) {
        std::string line;
        for (const auto word : split(paragraph, ' ')) {
            if (!line.empty() && columns(line) + 1 + columns(word) > width) {
                lines.push_back(std::move(line));
                line.clear();
            }
            if (!line.empty()) line += ' ';
            line += word;
        }
        lines.push_back(std::move(line));
    }
    return join(lines, "\n");
}

std::string shortened(std::string_view text, std::size_t width) {
    if (columns(text) <= width) return std::string{text};
    std::string out;
    std::size_t taken = 0;
    for (const char c : text) {
        if (!is_continuation(static_cast<unsigned char>(c)) && ++taken >= width) break;
        out.push_back(c);
    }
    return out + "…";
}

std::string url_escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(byte)) {
            out.push_back(c);
        } else {
            out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        }
    }
    return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

}  // namespace shoal::cli
