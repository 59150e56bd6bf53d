// Chance, from the kernel.
#pragma once

#include <string>

namespace shoal::cli {

// 32 hex digits nobody can guess.
[[nodiscard]] std::string random_id();

}  // namespace shoal::cli
