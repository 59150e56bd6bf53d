#include "node/host/net/datagram.h"

#include "node/base/check.h"
#include "node/host/net/octets.h"

#include <sodium.h>

#include <array>

namespace shoal::host {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic{'s', 'h', 'd', 1};
constexpr std::size_t kHead = 10;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kInside = 48;  // to, from, boot, counter
constexpr std::size_t kOverhead = kHead + kNonce + kInside + kTag;
static_assert(kOverhead + kDatagramPayloadMax == kDatagramBytes);

}  // namespace

Result<Bytes> seal_datagram(const Datagram& datagram, ProtoRange own, const KeyRing& keys) {
    if (datagram.payload.size() > kDatagramPayloadMax) {
        return fail(Errc::TooLarge,
                    "a datagram payload of " + std::to_string(datagram.payload.size()) + " bytes");
    }
    const auto [id, key] = keys.key_for(datagram.to);
    SHOAL_CHECK(key != nullptr);
    Bytes inside;
    inside.reserve(kInside + datagram.payload.size());
    OctetWriter{inside}
        .id(datagram.to)
        .id(datagram.from)
        .u64(datagram.boot)
        .u64(datagram.counter)
        .bytes(datagram.payload);
    Bytes out;
    out.reserve(kOverhead + datagram.payload.size());
    OctetWriter{out}.bytes(kMagic).u8(own.min).u8(own.max).u32(id);
    out.resize(kHead + kNonce + inside.size() + kTag);
    const std::span whole{out};
    fill_random(whole.subspan(kHead, kNonce));
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        whole.subspan(kHead + kNonce).data(), nullptr, inside.data(), inside.size(), whole.data(),
        kHead, nullptr, whole.subspan(kHead).data(), key->datagram.data());
    return out;
}

tl::expected<Datagram, Stranger> open_datagram(ByteView bytes, ProtoRange own,
                                               const KeyRing& keys) {
    if (bytes.size() < kOverhead || bytes.size() > kDatagramBytes) {
        return tl::unexpected{Stranger::Noise};
    }
    OctetReader head{bytes};
    if (head.array<4>() != kMagic) return tl::unexpected{Stranger::Noise};
    const auto proto_min = head.u8();
    const auto proto_max = head.u8();
    const auto* key = keys.find(head.u32());
    if (key == nullptr) return tl::unexpected{Stranger::WrongKey};
    const auto nonce = bytes.subspan(kHead, kNonce);
    const auto sealed = bytes.subspan(kHead + kNonce);
    Bytes inside(sealed.size() - kTag);
    const bool opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                            inside.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                            bytes.data(), kHead, nonce.data(), key->datagram.data()) == 0;
    if (!opened) return tl::unexpected{Stranger::WrongKey};
    if (proto_min > proto_max || !overlap(own, {proto_min, proto_max})) {
        return tl::unexpected{Stranger::OtherProto};
    }
    OctetReader reader{inside};
    Datagram out{};
    out.to = reader.id();
    out.from = reader.id();
    out.boot = reader.u64();
    out.counter = reader.u64();
    out.payload.assign(reader.rest().begin(), reader.rest().end());
    return out;
}

}  // namespace shoal::host
