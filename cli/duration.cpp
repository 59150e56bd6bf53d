#include "cli/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace shoal::cli {
namespace {

struct Unit {
    std::string_view name{};
    std::int64_t ms = 0;
};

constexpr std::array kUnits = {
    Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto bad = [&] {
        return fail(Errc::Malformed,
                    fmt::format("'{}' is not a duration; write 500ms, 3s, 2m or 1h", text));
    };
    double number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc{}) return bad();
    const std::string_view unit{stop, static_cast<std::size_t>(end - stop)};
    for (const auto& known : kUnits) {
        if (unit != known.name) continue;
        const double ms = number * static_cast<double>(known.ms);
        if (!(ms >= 1 && ms <= 365.0 * 86'400'000)) return bad();
        return std::chrono::milliseconds{static_cast<std::int64_t>(ms)};
    }
    return bad();
}

std::string short_age(std::chrono::milliseconds age) {
    const auto ms = age.count();
    if (ms < 0) return "0s";  // Somebody's clock runs ahead of ours.
    auto unit = kUnits.begin();
    for (const auto& candidate : kUnits) {
        if (ms >= candidate.ms) unit = &candidate;
    }
    return fmt::format("{}{}", ms / unit->ms, unit->name);
}

}  // namespace shoal::cli
