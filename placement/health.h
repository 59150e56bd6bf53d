// How one knows that a replica which runs is well: by a program run beside it, again and again.
#pragma once

#include "node/base/fields.h"
#include "node/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::placement {

// What a job asks of its replicas. What it leaves open (Kind::Image, numbers that are 0) its image
// says; what neither says is as in the Compose specification.
struct HealthCheck {
    enum class Kind : std::uint8_t {
        Image = 0,    // the image's own; of one without: none
        Off = 1,      // none: whatever runs is well
        Program = 2,  // `test` is a program and its arguments
        Shell = 3,    // `test` is one line for /bin/sh
    };

    Kind kind = Kind::Image;
    std::vector<std::string> test{};
    std::uint32_t interval_ms = 0;
    std::uint32_t timeout_ms = 0;
    std::uint32_t retries = 0;
    std::uint32_t start_period_ms = 0;
    std::uint32_t start_interval_ms = 0;
    friend bool operator==(const HealthCheck&, const HealthCheck&) = default;

    [[nodiscard]] friend constexpr bool valid(Kind which) { return which <= Kind::Shell; }
};

auto fields(Is<HealthCheck> auto& v) {
    return std::tie(v.kind, v.test, v.interval_ms, v.timeout_ms, v.retries, v.start_period_ms,
                    v.start_interval_ms);
}

inline constexpr std::uint32_t kCheckEveryMin = 100;  // milliseconds; each check is a process
inline constexpr std::uint32_t kCheckSpanMax = 24U * 3'600'000U;
inline constexpr std::uint32_t kCheckRetriesMax = 1000;
inline constexpr std::size_t kCheckOutputMax = 512;  // bytes kept of what a check says

[[nodiscard]] constexpr bool asks(const HealthCheck& check) {
    return check.kind == HealthCheck::Kind::Program || check.kind == HealthCheck::Kind::Shell;
}

[[nodiscard]] Result<void> validate(const HealthCheck& check);

// What is done: the job's wish, completed by the image's and by the defaults. Off: nothing.
[[nodiscard]] HealthCheck resolve(const HealthCheck& wanted, const HealthCheck& image);

// How a replica that runs is by its check.
enum class Health : std::uint8_t {
    None = 0,      // it does not run, or has no check
    Starting = 1,  // runs; the check has not passed yet
    Healthy = 2,
    Unhealthy = 3,  // the check failed as often in a row as is one too often
};

[[nodiscard]] constexpr bool valid(Health health) {
    return health <= Health::Unhealthy;
}

}  // namespace shoal::placement
