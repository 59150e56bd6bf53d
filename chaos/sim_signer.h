// Signatures of the simulator: a keyed hash where the daemon has Ed25519 and BLAKE2b. Whoever knows
// a public key could forge; no simulated node does, except where a scenario wants it to.
#pragma once

#include "node/base/hash.h"
#include "node/base/signer.h"

namespace shoal::chaos {

class SimSigner final : public Signer {
public:
    explicit SimSigner(std::uint64_t number);

    [[nodiscard]] PublicKey public_key() const override { return key_; }

    [[nodiscard]] Signature sign(ByteView message) const override { return tag(key_, message); }

    [[nodiscard]] bool verify(const PublicKey& key, ByteView message,
                              const Signature& signature) const override {
        return tag(key, message) == signature;
    }

    [[nodiscard]] Digest digest(ByteView message) const override;
    [[nodiscard]] NodeId id_of(const PublicKey& key) const override;

private:
    static Signature tag(const PublicKey& key, ByteView message);

    PublicKey key_{};
};

}  // namespace shoal::chaos
