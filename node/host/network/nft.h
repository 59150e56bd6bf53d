// The `nft` program and the one question about its tables that the kernel answers faster.
//
// (The library behind the program is GPL-2 only and therefore not linked.)
#pragma once

#include "node/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::network {

// One transaction: all of `text` or nothing. The error quotes nft.
[[nodiscard]] Result<void> nft_apply(const std::string& text);

// `nft -j ...`: what it prints. NotFound: what is to be listed is not there.
[[nodiscard]] Result<std::string> nft_list(const std::vector<std::string>& words);

// Changes with every transaction of anybody in this network namespace; takes microseconds.
[[nodiscard]] Result<std::uint32_t> nft_generation();

}  // namespace shoal::network
