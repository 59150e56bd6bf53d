#include "node/host/net/hello.h"

#include "node/base/check.h"
#include "node/host/net/datagram.h"
#include "node/host/net/octets.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace shoal::host {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic{'s', 'h', 's', 1};
constexpr std::size_t kCovered = 52;

using Mac = std::array<std::uint8_t, 16>;

Mac mac_of(const TransportKey& key, ByteView before, ByteView covered) {
    Mac out{};
    crypto_generichash_state state;
    SHOAL_CHECK(crypto_generichash_init(&state, key.hello.data(), key.hello.size(), out.size()) ==
                0);
    (void)crypto_generichash_update(&state, before.data(), before.size());
    (void)crypto_generichash_update(&state, covered.data(), covered.size());
    (void)crypto_generichash_final(&state, out.data(), out.size());
    sodium_memzero(&state, sizeof state);
    return out;
}

bool equal(const Mac& expected, ByteView found) {
    return found.size() == expected.size() &&
           sodium_memcmp(expected.data(), found.data(), expected.size()) == 0;
}

HelloBytes finished(Hello hello, const TransportKey& key, ByteView before) {
    fill_random(hello.random);
    HelloBytes out = encode_hello(hello);
    const auto mac = mac_of(key, before, ByteView{out}.first(kCovered));
    std::copy(mac.begin(), mac.end(), out.begin() + kCovered);
    return out;
}

}  // namespace

ClusterTag8 cluster_tag(const ClusterId& cluster) {
    constexpr std::string_view kLabel = "shoal cluster tag 1";
    Bytes bytes = to_bytes(kLabel);
    OctetWriter{bytes}.bytes(to_bytes(cluster));
    std::array<std::uint8_t, 32> hash{};
    (void)crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
    ClusterTag8 out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

HelloBytes encode_hello(const Hello& hello) {
    Bytes bytes;
    bytes.reserve(kHelloBytes);
    OctetWriter{bytes}
        .bytes(kMagic)
        .u8(static_cast<std::uint8_t>(hello.kind))
        .u8(hello.proto.min)
        .u8(hello.proto.max)
        .u8(static_cast<std::uint8_t>(hello.reject))
        .u32(hello.key_id)
        .bytes(hello.cluster)
        .bytes(hello.random)
        .bytes(hello.mac);
    SHOAL_CHECK(bytes.size() == kHelloBytes);
    HelloBytes out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

Result<Hello> parse_hello(ByteView bytes) {
    OctetReader reader{bytes};
    if (reader.array<4>() != kMagic) return fail(Errc::Malformed, "not shoal's greeting");
    Hello out{};
    const auto kind = reader.u8();
    out.proto.min = reader.u8();
    out.proto.max = reader.u8();
    const auto reject = reader.u8();
    out.key_id = reader.u32();
    out.cluster = reader.array<8>();
    out.random = reader.array<32>();
    out.mac = reader.array<16>();
    if (!reader.whole() || !reader.rest().empty()) {
        return fail(Errc::Malformed, "a greeting of the wrong length");
    }
    if (kind > static_cast<std::uint8_t>(HelloKind::Rejection) ||
        reject > static_cast<std::uint8_t>(Reject::Busy) || out.proto.min > out.proto.max) {
        return fail(Errc::Malformed, "a greeting with values that mean nothing");
    }
    out.kind = static_cast<HelloKind>(kind);
    out.reject = static_cast<Reject>(reject);
    return out;
}

HelloBytes make_call(const ClusterId& cluster, ProtoRange own, KeyRing::Named key) {
    return finished({HelloKind::Call, own, Reject::None, key.id, cluster_tag(cluster), {}, {}},
                    *key.key, {});
}

HelloReply answer_call(const HelloBytes& call_bytes, const Hello& call, const ClusterId& cluster,
                       ProtoRange own, const KeyRing& keys) {
    const auto* key = keys.find(call.key_id);
    const auto covered = ByteView{call_bytes}.first(kCovered);
    Reject reject = Reject::None;
    if (call.cluster != cluster_tag(cluster)) {
        reject = Reject::WrongCluster;
    } else if (key == nullptr || !equal(mac_of(*key, {}, covered), call.mac)) {
        reject = Reject::WrongKey;
    } else if (call.proto.max < own.min) {
        reject = Reject::ProtoTooOld;
    } else if (call.proto.min > own.max) {
        reject = Reject::ProtoTooNew;
    }
    if (reject != Reject::None) {
        return {reject, encode_hello({HelloKind::Rejection, own, reject, 0, {}, {}, {}})};
    }
    return {Reject::None,
            finished({HelloKind::Answer, own, Reject::None, call.key_id, call.cluster, {}, {}},
                     *key, call_bytes)};
}

bool answer_is_genuine(const HelloBytes& call, const HelloBytes& answer, const TransportKey& key) {
    const auto covered = ByteView{answer}.first(kCovered);
    return equal(mac_of(key, call, covered), ByteView{answer}.subspan(kCovered));
}

}  // namespace shoal::host
