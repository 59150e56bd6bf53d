// A signer for tests of pure machines: a keyed hash where the daemon has Ed25519 and BLAKE2b.
// Header only, so that a fuzzer of one library needs no other.
#pragma once

#include "node/base/hash.h"
#include "node/base/signer.h"

#include <cstddef>
#include <cstdint>

namespace shoal::tests {

class TestSigner final : public Signer {
public:
    explicit TestSigner(std::uint64_t number) {
        for (std::size_t i = 0; i < 4; ++i) {
            put(key_.bytes, i, mix(number * 4 + i + 1));
        }
    }

    [[nodiscard]] NodeId id() const { return id_of(key_); }

    [[nodiscard]] PublicKey public_key() const override { return key_; }

    [[nodiscard]] Signature sign(ByteView message) const override { return tag(key_, message); }

    [[nodiscard]] bool verify(const PublicKey& key, ByteView message,
                              const Signature& signature) const override {
        return tag(key, message) == signature;
    }

    [[nodiscard]] Digest digest(ByteView message) const override {
        Digest out;
        put(out.bytes, 0, siphash({1, 2}, message));
        return out;
    }

    [[nodiscard]] NodeId id_of(const PublicKey& key) const override {
        return {siphash({3, 4}, key.bytes), siphash({5, 6}, key.bytes)};
    }

private:
    template <std::size_t Size>
    static void put(std::array<std::uint8_t, Size>& out, std::size_t word, std::uint64_t value) {
        for (std::size_t i = 0; i < 8; ++i) {
            out[word * 8 + i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
    }

    static Signature tag(const PublicKey& key, ByteView message) {
        Signature out;
        put(out.bytes, 0, siphash({siphash({7, 8}, key.bytes), 9}, message));
        return out;
    }

    PublicKey key_{};
};

}  // namespace shoal::tests
