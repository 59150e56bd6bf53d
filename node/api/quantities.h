// Cores and bytes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shoal::api {

// "2", "1.5" or "1500m" cores, in thousandths of a core.
[[nodiscard]] std::optional<std::uint32_t> parse_cpus(std::string_view text);

// "512M", "4G", "4GiB" or bytes; the units are powers of 1024.
[[nodiscard]] std::optional<std::uint64_t> parse_memory(std::string_view text);

}  // namespace shoal::api
