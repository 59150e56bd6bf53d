#include "node/host/net/replay.h"

namespace shoal::host {

void ReplayGuard::advance(Window& window, std::uint64_t by) {
    if (by >= kWindow) {
        window.seen = {};
        return;
    }
    std::array<std::uint64_t, 4> moved{};
    const auto words = static_cast<std::size_t>(by / 64);
    const auto bits = static_cast<unsigned>(by % 64);
    for (std::size_t i = words; i < moved.size(); ++i) {
        moved[i] = window.seen[i - words] << bits;
        if (bits > 0 && i > words) moved[i] |= window.seen[i - words - 1] >> (64U - bits);
    }
    window.seen = moved;
}

bool ReplayGuard::accept(const NodeId& sender, std::uint64_t boot, std::uint64_t counter) {
    const Key key{sender, boot};
    const auto found = windows_.find(key);
    if (found == windows_.end()) {
        if (windows_.size() >= senders_max_) {
            windows_.erase(recency_.back());
            recency_.pop_back();
        }
        recency_.push_front(key);
        windows_.emplace(key, Window{counter, {1, 0, 0, 0}, recency_.begin()});
        return true;
    }
    Window& window = found->second;
    if (counter > window.top) {
        advance(window, counter - window.top);
        window.top = counter;
        window.seen[0] |= 1U;
    } else {
        const auto age = window.top - counter;
        if (age >= kWindow) return false;
        auto& word = window.seen[static_cast<std::size_t>(age / 64)];
        const auto bit = std::uint64_t{1} << (age % 64);
        if ((word & bit) != 0) return false;
        word |= bit;
    }
    recency_.splice(recency_.begin(), recency_, window.recency);
    return true;
}

}  // namespace shoal::host
