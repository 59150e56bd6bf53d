#include "node/base/id.h"

namespace shoal::detail {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_hex(std::string& out, std::uint64_t word) {
    for (unsigned shift = 64; shift > 0; shift -= 4) {
        out.push_back(kDigits[(word >> (shift - 4U)) & 0xFU]);
    }
}

}  // namespace

std::string hex128(std::uint64_t high, std::uint64_t low) {
    std::string out;
    out.reserve(32);
    append_hex(out, high);
    append_hex(out, low);
    return out;
}

std::optional<std::array<std::uint64_t, 2>> parse_hex128(std::string_view text) {
    if (text.size() != 32) return std::nullopt;
    std::array<std::uint64_t, 2> words{};
    for (std::size_t i = 0; i < 32; ++i) {
        const auto digit = kDigits.find(text[i]);
        if (digit == std::string_view::npos) return std::nullopt;
        words[i / 16] = (words[i / 16] << 4U) | digit;
    }
    return words;
}

std::array<std::uint8_t, 16> bytes128(std::uint64_t high, std::uint64_t low) {
    std::array<std::uint8_t, 16> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::uint8_t>(high >> (56U - 8U * i));
        out[i + 8] = static_cast<std::uint8_t>(low >> (56U - 8U * i));
    }
    return out;
}

}  // namespace shoal::detail
