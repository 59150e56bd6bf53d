#include "node/api/quantities.h"

#include <algorithm>
#include <cctype>

namespace shoal::api {

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
    const auto end = text.find_first_not_of("0123456789");
    const auto number = parse_number<std::uint64_t>(text.substr(0, end));
    if (!number) return std::nullopt;
    std::string unit{end == std::string_view::npos ? std::string_view{} : text.substr(end)};
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    unsigned shift = 0;
    if (unit.empty() || unit == "B") {
        shift = 0;
    } else if (unit == "K" || unit == "KIB" || unit == "KB") {
        shift = 10;
    } else if (unit == "M" || unit == "MIB" || unit == "MB") {
        shift = 20;
    } else if (unit == "G" || unit == "GIB" || unit == "GB") {
        shift = 30;
    } else {
        return std::nullopt;
    }
    if (*number > (~std::uint64_t{0} >> shift)) return std::nullopt;
    return *number << shift;
}

}  // namespace shoal::api
