#include "node/api/quantities.h"

#include <algorithm>
#include <cctype>

namespace shoal::api {
namespace {

constexpr std::size_t kFractionDigits = 3;
constexpr std::uint64_t kFraction = 1000;

// Of a unit, as a power of two.
std::optional<unsigned> shift_of(std::string_view unit) {
    std::string upper{unit};
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (upper.empty() || upper == "B") return 0U;
    unsigned shift = 10;
    for (const char letter : {'K', 'M', 'G', 'T'}) {
        const std::string name{letter};
        if (upper == name || upper == name + "B" || upper == name + "IB") return shift;
        shift += 10;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> parse_cpus(std::string_view text) {
    if (text.ends_with('m')) return parse_number<std::uint32_t>(text.substr(0, text.size() - 1));
    const auto dot = text.find('.');
    const auto whole = parse_number<std::uint32_t>(text.substr(0, dot));
    if (!whole || *whole > 1'000'000) return std::nullopt;
    std::uint32_t milli = *whole * 1000;
    if (dot == std::string_view::npos) return milli;
    std::string digits{text.substr(dot + 1)};
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    digits.resize(3, '0');
    const auto fraction = parse_number<std::uint32_t>(digits);
    if (!fraction) return std::nullopt;
    return milli + *fraction;
}

std::optional<std::uint64_t> parse_memory(std::string_view text) {
    const auto end = text.find_first_not_of("0123456789.");
    auto number = text.substr(0, end);
    const auto shift =
        shift_of(end == std::string_view::npos ? std::string_view{} : text.substr(end));
    if (!shift) return std::nullopt;
    const auto dot = number.find('.');
    const auto whole = parse_number<std::uint64_t>(number.substr(0, dot));
    if (!whole || *whole > (~std::uint64_t{0} >> *shift)) return std::nullopt;
    const auto bytes = *whole << *shift;
    if (dot == std::string_view::npos) return bytes;
    std::string digits{number.substr(dot + 1)};
    // Half a byte is nothing anybody means.
    if (digits.empty() || digits.size() > kFractionDigits || *shift == 0) return std::nullopt;
    digits.resize(kFractionDigits, '0');
    const auto fraction = parse_number<std::uint64_t>(digits);
    if (!fraction) return std::nullopt;
    return bytes + (*fraction << *shift) / kFraction;
}

std::string octal(std::uint32_t mode) {
    std::string out;
    for (unsigned shift = 12; shift > 0; shift -= 3) {
        out += static_cast<char>('0' + (mode >> (shift - 3) & 7U));
    }
    return out;
}

}  // namespace shoal::api
