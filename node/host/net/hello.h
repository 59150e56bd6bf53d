// The first 68 bytes of a connection, each way, in clear but sealed by a keyed hash.
//
//     0  4  "shs" 1     4  kind     5  proto_min   6  proto_max   7  reject code
//     8  4  key id     12  8  cluster tag     20 32  random     52 16  keyed BLAKE2b
//
// The caller's hash covers its first 52 bytes; the answer's covers the whole call and the answer's
// first 52. So whoever does not hold the key learns nothing but a code and is turned away before
// anything is kept for him, and the answer is never longer than the question. A rejection carries
// no hash, its receiver could not check one: it explains, nothing relies on it.
#pragma once

#include "node/host/net/keyring.h"
#include "node/host/net/transport_types.h"

#include <array>

namespace shoal::host {

inline constexpr std::size_t kHelloBytes = 68;

using HelloBytes = std::array<std::uint8_t, kHelloBytes>;
using ClusterTag8 = std::array<std::uint8_t, 8>;

enum class HelloKind : std::uint8_t { Call = 0, Answer = 1, Rejection = 2 };

struct Hello {
    HelloKind kind = HelloKind::Call;
    ProtoRange proto{};
    Reject reject = Reject::None;
    std::uint32_t key_id = 0;
    ClusterTag8 cluster{};
    std::array<std::uint8_t, 32> random{};
    std::array<std::uint8_t, 16> mac{};

    friend bool operator==(const Hello&, const Hello&) = default;
};

// Tells clusters apart without telling which they are.
[[nodiscard]] ClusterTag8 cluster_tag(const ClusterId& cluster);

[[nodiscard]] HelloBytes encode_hello(const Hello& hello);
// Only the form; nothing is authenticated yet.
[[nodiscard]] Result<Hello> parse_hello(ByteView bytes);

[[nodiscard]] HelloBytes make_call(const ClusterId& cluster, ProtoRange own, KeyRing::Named key);

// What to say to a caller: None and the bytes of an answer, or a reason and those of a rejection.
struct HelloReply {
    Reject reject = Reject::None;
    HelloBytes bytes{};
};

[[nodiscard]] HelloReply answer_call(const HelloBytes& call_bytes, const Hello& call,
                                     const ClusterId& cluster, ProtoRange own, const KeyRing& keys);

// Whether the answer comes from a holder of the key, to this very call.
[[nodiscard]] bool answer_is_genuine(const HelloBytes& call, const HelloBytes& answer,
                                     const TransportKey& key);

}  // namespace shoal::host
