// Reading what a person names: a file, or "-" for standard input.
#pragma once

#include "node/base/result.h"

#include <istream>
#include <string>

namespace shoal::cli {

// The API takes no body above 1 MiB, so neither does this.
inline constexpr std::size_t kInputMax = 1U << 20U;

[[nodiscard]] Result<std::string> read_file(const std::string& path);
[[nodiscard]] Result<std::string> read_all(std::istream& in);

}  // namespace shoal::cli
