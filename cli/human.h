// Numbers and times of the API, for people.
#pragma once

#include "node/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shoal::cli {

// "512 B", "64 MiB", "1.8 GiB": one decimal below ten, none above.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

// "2", "0.5", "1.25".
[[nodiscard]] std::string human_cpus(double cpus);

// "1 node", "3 nodes".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

// "2026-01-31T10:00:00.000Z"; nothing if it is not of that form.
[[nodiscard]] std::optional<WallTime> parse_time(std::string_view text);

// How long ago that was, "-" if it is no time.
[[nodiscard]] std::string age_of(std::string_view time, WallTime now);

// "web:1@sha256:ab12..." is "web:1" to a person; the digest alone is cut to 12 digits.
[[nodiscard]] std::string short_image(std::string_view image);

// The first 8 digits: enough to tell ids apart, short enough for a line.
[[nodiscard]] std::string short_id(std::string_view id);

}  // namespace shoal::cli
