// Lines that a stranger can cause: at most one per kind in ten seconds, with the number of those
// left out, so that nobody can fill a disk by knocking.
#pragma once

#include "node/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace shoal::host {

class LimitedLog {
public:
    using Print = std::function<void(const std::string&)>;

    explicit LimitedLog(Print print) : print_(std::move(print)) {}

    void say(Instant now, const std::string& kind, const std::string& line) {
        if (kinds_.size() > kKindsMax) kinds_.clear();
        auto& [next, left_out] = kinds_.try_emplace(kind, Instant::min(), 0).first->second;
        if (now < next) {
            ++left_out;
            return;
        }
        next = now + std::chrono::seconds{10};
        print_(left_out == 0 ? line : line + " (and " + std::to_string(left_out) + " more)");
        left_out = 0;
    }

private:
    static constexpr std::size_t kKindsMax = 256;
    Print print_;
    std::map<std::string, std::pair<Instant, std::uint64_t>> kinds_;
};

}  // namespace shoal::host
