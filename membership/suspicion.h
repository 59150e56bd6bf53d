// How long a suspect has to refute, in integers so that every build agrees.
#pragma once

#include "node/base/time.h"

#include <cstddef>
#include <cstdint>

namespace shoal::membership {

// ceil(log10(n + 1)), at least 1: how often a claim is told (SWIM, section 4.1).
[[nodiscard]] constexpr std::uint32_t digits(std::size_t n) {
    std::uint32_t count = 0;
    for (; n > 0; n /= 10) {
        ++count;
    }
    return count == 0 ? 1 : count;
}

// factor x max(1, log10 N) x period, log10 in thousandths by linear steps between powers of ten.
[[nodiscard]] constexpr Duration suspicion_time(std::uint32_t factor, std::size_t members,
                                                Duration period) {
    std::int64_t log_milli = 0;
    std::size_t power = 1;
    while (members / 10 >= power) {
        power *= 10;
        log_milli += 1000;
    }
    if (power <= members) {
        log_milli += static_cast<std::int64_t>((members - power) * 1000 / (9 * power));
    }
    if (log_milli < 1000) log_milli = 1000;
    return period * factor * log_milli / 1000;
}

}  // namespace shoal::membership
