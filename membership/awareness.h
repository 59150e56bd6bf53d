// How well we ourselves are doing (Lifeguard, section IV-A): a node that fails to get answers it
// should get suspects itself before it suspects others.
#pragma once

#include "node/base/time.h"

#include <algorithm>
#include <cstdint>

namespace shoal::membership {

class Awareness {
public:
    void worse() { score_ = std::min(score_ + 1, kWorst); }

    void better() { score_ -= score_ > 0 ? 1U : 0U; }

    [[nodiscard]] std::uint32_t score() const { return score_; }

    // Timeouts grow with our own doubt.
    [[nodiscard]] Duration stretch(Duration duration) const {
        return duration * static_cast<Duration::rep>(score_ + 1);
    }

    // A node this unwell accuses nobody (architecture 4.1).
    [[nodiscard]] bool may_accuse() const { return score_ < 3; }

private:
    static constexpr std::uint32_t kWorst = 8;

    std::uint32_t score_ = 0;
};

}  // namespace shoal::membership
