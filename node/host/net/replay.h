// Lets every datagram through once.
//
// Per boot of a sender a window of 256 counters, as IPsec has (RFC 4303, 3.4.3): newer ones move
// it, older ones are refused, those inside are taken once. Boots are kept apart because a restart
// begins at zero again, and because two clones of one identity must both be heard to be told apart.
// Only who holds the cluster's key can make an entry, and the number of entries is bounded; the
// least recently heard goes first. A restarted receiver has forgotten everything: what was sent
// before it started can be replayed to it once. Membership's incarnations make that harmless.
#pragma once

#include "node/base/id.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <utility>

namespace shoal::host {

class ReplayGuard {
public:
    static constexpr std::uint64_t kWindow = 256;

    explicit ReplayGuard(std::size_t senders_max) : senders_max_(senders_max) {}

    // False: seen before, or too old to know.
    [[nodiscard]] bool accept(const NodeId& sender, std::uint64_t boot, std::uint64_t counter);

    [[nodiscard]] std::size_t size() const { return windows_.size(); }

private:
    using Key = std::pair<NodeId, std::uint64_t>;

    struct Window {
        std::uint64_t top = 0;                // highest counter seen
        std::array<std::uint64_t, 4> seen{};  // bit n: top - n was seen
        std::list<Key>::iterator recency{};
    };

    void advance(Window& window, std::uint64_t by);

    std::size_t senders_max_;
    std::map<Key, Window> windows_;
    std::list<Key> recency_;  // most recent first
};

}  // namespace shoal::host
