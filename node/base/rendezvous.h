// Rendezvous order (Thaler, Ravishankar, 1998): everybody who knows the same nodes agrees, without
// a word, on who is first for a key; losing one node moves only what that node was first for.
#pragma once

#include "node/base/hash.h"
#include "node/base/id.h"

#include <cstdint>
#include <string_view>

namespace shoal {

// Higher is earlier in the order. Ties are broken by the higher NodeId.
[[nodiscard]] inline std::uint64_t rendezvous_score(std::string_view key, const NodeId& node) {
    const HashKey seed{node.high, node.low};
    const auto* data = reinterpret_cast<const std::uint8_t*>(key.data());
    return siphash(seed, ByteView{data, key.size()});
}

}  // namespace shoal
