// SipHash-2-4 (Aumasson, Bernstein, 2012): a keyed 64-bit hash, the same on every machine.
//
// Used where a fast well-spread number is wanted: rendezvous order, fingerprints, the trace of a
// simulation. It is not a content hash; those come from the injected Signer (node/base/signer.h).
#pragma once

#include "node/base/bytes.h"

#include <cstdint>

namespace shoal {

struct HashKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

[[nodiscard]] std::uint64_t siphash(const HashKey& key, ByteView bytes);

// One round of splitmix64: turns a counter or a sum of ids into a well-spread number.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) {
    z += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
}

}  // namespace shoal
