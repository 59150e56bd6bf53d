#include "node/base/utf8.h"

#include <cstddef>

namespace shoal {
namespace {

constexpr bool is_continuation(unsigned char c) {
    return (c & 0xC0U) == 0x80U;
}

// How many bytes the code point starting with `c` takes; 0: none starts with it.
constexpr std::size_t sequence_length(unsigned char c) {
    if (c < 0x80) return 1;
    if (c >= 0xC2 && c < 0xE0) return 2;
    if (c >= 0xE0 && c < 0xF0) return 3;
    if (c >= 0xF0 && c < 0xF5) return 4;
    return 0;
}

// Too long a form, a surrogate half, or above U+10FFFF: visible in the second byte.
constexpr bool is_forbidden(unsigned char first, unsigned char second) {
    return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
           (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto first = static_cast<unsigned char>(bytes[i]);
        const auto length = sequence_length(first);
        if (length == 0 || bytes.size() - i < length) return false;
        for (std::size_t k = 1; k < length; ++k) {
            const auto c = static_cast<unsigned char>(bytes[i + k]);
            if (!is_continuation(c) || (k == 1 && is_forbidden(first, c))) return false;
        }
        i += length;
    }
    return true;
}

}  // namespace shoal
