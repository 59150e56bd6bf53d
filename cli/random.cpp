#include "cli/random.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <sys/random.h>

namespace shoal::cli {

std::string random_id() {
    std::array<std::uint64_t, 2> words{};
    // At this size all bytes come, or a signal came first.
    while (::getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words)) {
    }
    return fmt::format("{:016x}{:016x}", words[0], words[1]);
}

}  // namespace shoal::cli
