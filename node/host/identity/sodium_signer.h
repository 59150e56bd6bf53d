// The daemon's Signer: Ed25519 and BLAKE2b of libsodium, under the node's own key.
#pragma once

#include "node/base/result.h"
#include "node/base/signer.h"
#include "node/host/identity/secret.h"

namespace shoal::host {

class SodiumSigner final : public Signer {
public:
    // The 32 bytes an Ed25519 key pair is made from; what identity.key holds.
    static constexpr std::size_t kSeedBytes = 32;

    static Result<SodiumSigner> from_seed(const Secret& seed);

    [[nodiscard]] PublicKey public_key() const override { return public_key_; }

    [[nodiscard]] Signature sign(ByteView message) const override;
    [[nodiscard]] bool verify(const PublicKey& key, ByteView message,
                              const Signature& signature) const override;
    [[nodiscard]] Digest digest(ByteView message) const override;  // BLAKE2b-256
    [[nodiscard]] NodeId id_of(const PublicKey& key) const override;

    [[nodiscard]] NodeId id() const { return id_of(public_key_); }

private:
    SodiumSigner(PublicKey public_key, Secret secret_key)
        : public_key_(public_key), secret_key_(std::move(secret_key)) {}

    PublicKey public_key_;
    Secret secret_key_;
};

}  // namespace shoal::host
