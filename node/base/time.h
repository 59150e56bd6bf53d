// Time as the cores see it: a value handed in, never a thing to be asked for.
//
// LogicalClock is a std::chrono clock without now(). Code in membership/, store/ and placement/ can
// add durations to an Instant and compare two of them, but it cannot find out what time it is. That
// is the caller's decision, and it is what lets the simulator run an hour in a second.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace shoal {

struct LogicalClock {
    using rep = std::chrono::microseconds::rep;
    using period = std::chrono::microseconds::period;
    using duration = std::chrono::microseconds;
    using time_point = std::chrono::time_point<LogicalClock>;
    static constexpr bool is_steady = true;
    // Deliberately no now().
};

using Duration = LogicalClock::duration;
using Instant = LogicalClock::time_point;

// A deadline that never comes.
inline constexpr Instant kNever = Instant::max();

// Milliseconds since 1970 as some node's wall clock had it. It arrives in inputs, breaks ties and
// is shown to people; it is never compared with an Instant and never decides who is alive.
struct WallTime {
    std::int64_t ms = 0;

    friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

}  // namespace shoal
