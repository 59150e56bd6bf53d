#include "chaos/sim_signer.h"

namespace shoal::chaos {
namespace {

template <std::size_t Size>
void put(std::array<std::uint8_t, Size>& out, std::size_t at, std::uint64_t word) {
    for (std::size_t i = 0; i < 8; ++i) {
        out[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
}

}  // namespace

SimSigner::SimSigner(std::uint64_t number) {
    for (std::size_t i = 0; i < 4; ++i) {
        put(key_.bytes, i * 8, mix(number * 4 + i + 1));
    }
}

Digest SimSigner::digest(ByteView message) const {
    Digest out;
    const auto word = siphash({1, 2}, message);
    put(out.bytes, 0, word);
    put(out.bytes, 8, mix(word));
    return out;
}

NodeId SimSigner::id_of(const PublicKey& key) const {
    return {siphash({3, 4}, key.bytes), siphash({5, 6}, key.bytes)};
}

Signature SimSigner::tag(const PublicKey& key, ByteView message) {
    Signature out;
    const auto secret = siphash({7, 8}, key.bytes);
    put(out.bytes, 0, siphash({secret, 9}, message));
    return out;
}

}  // namespace shoal::chaos
