// Signatures and content hashes, injected into the cores.
//
// node/host gives them Ed25519 and BLAKE2b from libsodium; the simulator a keyed hash, because
// thousands of real verifications a second would be all it did. Both are pure functions of their
// arguments, so a run stays replayable.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"

#include <array>
#include <compare>
#include <cstdint>

namespace shoal {

struct PublicKey {
    std::array<std::uint8_t, 32> bytes{};
    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

struct Signature {
    std::array<std::uint8_t, 64> bytes{};
    friend auto operator<=>(const Signature&, const Signature&) = default;
};

struct Digest {
    std::array<std::uint8_t, 32> bytes{};
    friend auto operator<=>(const Digest&, const Digest&) = default;
};

class Signer {
public:
    virtual ~Signer() = default;

    [[nodiscard]] virtual PublicKey public_key() const = 0;
    [[nodiscard]] virtual Signature sign(ByteView message) const = 0;
    [[nodiscard]] virtual bool verify(const PublicKey& key, ByteView message,
                                      const Signature& signature) const = 0;
    [[nodiscard]] virtual Digest digest(ByteView message) const = 0;
    // The id that owns this key (BLAKE2b-128 of it in the daemon).
    [[nodiscard]] virtual NodeId id_of(const PublicKey& key) const = 0;
};

}  // namespace shoal
