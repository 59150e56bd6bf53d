// One sealed datagram, as a pure function of bytes; no socket here, so it can be fuzzed.
//
//     0   4  "shd" 1        4  proto_min   5  proto_max   6  4  key id
//     10 24  nonce          34  sealed { to 16, from 16, boot 8, counter 8, payload }, tag 16
//
// The first ten bytes are authenticated with the rest. Nonces are random: at 24 bytes a collision
// never comes, and nothing has to be remembered over a restart.
#pragma once

#include "node/host/net/keyring.h"
#include "node/host/net/transport_types.h"

#include <tl/expected.hpp>

namespace shoal::host {

struct Datagram {
    NodeId to{};  // zero: whoever is there
    NodeId from{};
    std::uint64_t boot = 0;
    std::uint64_t counter = 0;  // per boot, never twice; checked by ReplayGuard, not here
    Bytes payload{};

    friend bool operator==(const Datagram&, const Datagram&) = default;
};

// A payload over kDatagramPayloadMax is our own caller's mistake: TooLarge.
[[nodiscard]] Result<Bytes> seal_datagram(const Datagram& datagram, ProtoRange own,
                                          const KeyRing& keys);

[[nodiscard]] tl::expected<Datagram, Stranger> open_datagram(ByteView bytes, ProtoRange own,
                                                             const KeyRing& keys);

}  // namespace shoal::host
