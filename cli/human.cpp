#include "cli/human.h"

#include "cli/duration.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace shoal::cli {
namespace {

// The digits of `text` from `at` on, `count` of them.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    const auto number = parse_number(text.substr(at, count));
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace

std::string human_size(std::uint64_t bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.5 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return value < 9.95 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                        : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string human_cpus(double cpus) {
    return fmt::format("{:.6g}", cpus);
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::optional<WallTime> parse_time(std::string_view text) {
    constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (text.size() != kForm.size()) return std::nullopt;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return std::nullopt;
    }
    const auto at = [&](std::size_t from, std::size_t count) {
        return digits(text, from, count).value_or(0);
    };
    const std::chrono::year_month_day date{std::chrono::year{at(0, 4)},
                                           std::chrono::month{static_cast<unsigned>(at(5, 2))},
                                           std::chrono::day{static_cast<unsigned>(at(8, 2))}};
    if (!date.ok()) return std::nullopt;
    const auto time = std::chrono::sys_days{date} + std::chrono::hours{at(11, 2)} +
                      std::chrono::minutes{at(14, 2)} + std::chrono::seconds{at(17, 2)} +
                      std::chrono::milliseconds{at(20, 3)};
    return WallTime{time.time_since_epoch().count()};
}

std::string age_of(std::string_view time, WallTime now) {
    const auto then = parse_time(time);
    return then ? short_age(std::chrono::milliseconds{now.ms - then->ms}) : "-";
}

std::string short_image(std::string_view image) {
    constexpr std::string_view kAlgorithm = "sha256:";
    if (image.starts_with(kAlgorithm)) {
        return std::string{image.substr(kAlgorithm.size(), 12)};
    }
    return std::string{image.substr(0, image.find('@'))};
}

std::string short_id(std::string_view id) {
    return std::string{id.substr(0, 8)};
}

}  // namespace shoal::cli
