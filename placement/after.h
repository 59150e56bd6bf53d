// What must have come about in other jobs before a job is placed for the first time.
#pragma once

#include "node/base/fields.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

namespace shoal::placement {

struct After {
    enum class Condition : std::uint8_t {
        Started = 0,   // all its replicas run, or have run
        Healthy = 1,   // all its replicas are healthy
        Complete = 2,  // all its replicas have ended well
    };

    std::string job{};
    Condition condition = Condition::Started;
    // False: a job that does not exist, or that gave up, is not waited for.
    bool required = true;
    friend bool operator==(const After&, const After&) = default;

    [[nodiscard]] friend constexpr bool valid(Condition which) {
        return which <= Condition::Complete;
    }
};

auto fields(Is<After> auto& v) {
    return std::tie(v.job, v.condition, v.required);
}

inline constexpr std::size_t kAfterMax = 64;

}  // namespace shoal::placement
