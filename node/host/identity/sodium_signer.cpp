#include "node/host/identity/sodium_signer.h"

#include "node/base/check.h"

#include <sodium.h>

#include <array>

namespace shoal::host {

Result<SodiumSigner> SodiumSigner::from_seed(const Secret& seed) {
    if (seed.size() != kSeedBytes) {
        return fail(Errc::Malformed, "an identity key of " + std::to_string(seed.size()) +
                                         " bytes instead of " + std::to_string(kSeedBytes));
    }
    PublicKey public_key{};
    Secret secret_key{std::size_t{crypto_sign_SECRETKEYBYTES}};
    const int made = crypto_sign_seed_keypair(public_key.bytes.data(), secret_key.writable().data(),
                                              seed.data());
    SHOAL_CHECK(made == 0);
    return SodiumSigner{public_key, std::move(secret_key)};
}

Signature SodiumSigner::sign(ByteView message) const {
    Signature out{};
    const int made = crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(),
                                          secret_key_.data());
    SHOAL_CHECK(made == 0);
    return out;
}

bool SodiumSigner::verify(const PublicKey& key, ByteView message,
                          const Signature& signature) const {
    return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                       key.bytes.data()) == 0;
}

Digest SodiumSigner::digest(ByteView message) const {
    Digest out{};
    (void)crypto_generichash(out.bytes.data(), out.bytes.size(), message.data(), message.size(),
                             nullptr, 0);
    return out;
}

NodeId SodiumSigner::id_of(const PublicKey& key) const {
    std::array<std::uint8_t, 16> out{};
    (void)crypto_generichash(out.data(), out.size(), key.bytes.data(), key.bytes.size(), nullptr,
                             0);
    return id_from_bytes<NodeTag>(out);
}

}  // namespace shoal::host
