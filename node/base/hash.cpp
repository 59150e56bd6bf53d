#include "node/base/hash.h"

#include <bit>

namespace shoal {
namespace {

struct Sip {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }

    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t siphash(const HashKey& key, ByteView bytes) {
    Sip sip{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL,
            key.k0 ^ 0x6c7967656e657261ULL, key.k1 ^ 0x7465646279746573ULL};
    std::uint64_t word = 0;
    unsigned filled = 0;
    for (const std::uint8_t byte : bytes) {
        word |= std::uint64_t{byte} << (8U * filled);
        if (++filled == 8) {
            sip.absorb(word);
            word = 0;
            filled = 0;
        }
    }
    sip.absorb(word | (std::uint64_t{bytes.size() & 0xFFU} << 56U));
    sip.v2 ^= 0xFF;
    for (int i = 0; i < 4; ++i) {
        sip.round();
    }
    return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

}  // namespace shoal
