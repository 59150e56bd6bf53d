// The two clocks of the daemon, read in one place. Instants count from the start of the process, so
// they mean nothing outside it.
#pragma once

#include "node/base/time.h"

#include <chrono>

namespace shoal::host {

class Clock {
public:
    [[nodiscard]] Instant now() const {
        return Instant{
            std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started_)};
    }

    [[nodiscard]] WallTime wall() const {
        return {std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count()};
    }

    // When `at` comes, on the clock timers use.
    [[nodiscard]] std::chrono::steady_clock::time_point real(Instant at) const {
        return started_ + at.time_since_epoch();
    }

private:
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace shoal::host
