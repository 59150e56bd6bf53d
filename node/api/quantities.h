// Cores and bytes as people write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace shoal::api {

// The whole text is one number, and it fits.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

// "2", "1.5" or "1500m" cores, in thousandths of a core.
[[nodiscard]] std::optional<std::uint32_t> parse_cpus(std::string_view text);

// "512M", "1.5G", "4GiB" or bytes; the units are powers of 1024.
[[nodiscard]] std::optional<std::uint64_t> parse_memory(std::string_view text);

// "0644": the mode of a file, as everybody writes it.
[[nodiscard]] std::string octal(std::uint32_t mode);

}  // namespace shoal::api
