// What to tell next: the newest claim per node, least told first, within a datagram's budget.
//
// A map from target to claim, so a flapping node costs one entry and the queue is never longer than
// the roster (memberlist's queue of 160,000 is what this avoids; protocol A.2, G5).
#pragma once

#include "membership/claim.h"
#include "membership/messages.h"
#include "node/base/id.h"

#include <cstdint>
#include <map>
#include <set>
#include <tuple>

namespace shoal::membership {

class News {
public:
    // Replaces what was to be told about the same node; told `sends` times from now.
    void add(const Claim& claim, std::uint32_t sends);

    // As many as fit `bytes`, least told first. Each is one send nearer to being forgotten.
    [[nodiscard]] Claims take(std::size_t bytes);

    [[nodiscard]] bool empty() const { return items_.empty(); }

    [[nodiscard]] std::size_t size() const { return items_.size(); }

private:
    struct Item {
        Claim claim{};
        std::uint32_t told = 0;
        std::uint32_t sends_left = 0;
    };

    std::map<NodeId, Item> items_;
    std::set<std::tuple<std::uint32_t, NodeId>> order_;  // (told, about)
};

// An upper bound of a claim's encoded size.
[[nodiscard]] std::size_t wire_size(const Claim& claim);

}  // namespace shoal::membership
