#include "node/host/http/text.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace shoal::host::http {
namespace {

struct Sequence {
    std::size_t follow = 0;   // continuation bytes
    std::uint32_t bits = 0;   // of the first byte
    std::uint32_t least = 0;  // below it the sequence is longer than needed
};

std::optional<Sequence> sequence(std::uint8_t first) {
    if (first < 0x80) return Sequence{0, first, 0};
    if ((first & 0xE0U) == 0xC0) return Sequence{1, first & 0x1FU, 0x80};
    if ((first & 0xF0U) == 0xE0) return Sequence{2, first & 0x0FU, 0x800};
    if ((first & 0xF8U) == 0xF0) return Sequence{3, first & 0x07U, 0x10000};
    return std::nullopt;
}

}  // namespace

std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_lower_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto found = sequence(static_cast<std::uint8_t>(text[i]));
        if (!found || text.size() - i <= found->follow) return false;
        auto point = found->bits;
        for (std::size_t k = 0; k < found->follow; ++k) {
            const auto byte = static_cast<std::uint8_t>(text[++i]);
            if ((byte & 0xC0U) != 0x80) return false;
            point = point << 6U | (byte & 0x3FU);
        }
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (point < found->least || point > 0x10FFFF || surrogate) return false;
    }
    return true;
}

}  // namespace shoal::host::http
