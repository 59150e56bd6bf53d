// The first sealed frame each way: which node this is, proven, and what it wants.
//
//     0  purpose   1  flags   2  8  boot   10 16  to   26 32  public key   58 64  signature
//
// The signature is over the session id, the direction and all that stands before it, so it proves
// that the owner of the key takes part in this very connection. The node's id follows from the key.
#pragma once

#include "node/base/signer.h"
#include "node/host/net/frame.h"

namespace shoal::host {

enum class Purpose : std::uint8_t {
    Gossip = 0,  // messages of the agents
    Probe = 1,   // are you there
    Relay = 2,   // a pipe to the local API
};

// In the answerer's introduction only.
inline constexpr std::uint8_t kHeardDatagrams = 1;  // got a datagram of the caller lately

struct Intro {
    Purpose purpose = Purpose::Gossip;
    std::uint8_t flags = 0;
    std::uint64_t boot = 0;
    NodeId to{};    // zero: whoever is there
    NodeId from{};  // of the verified key; not on the wire

    friend bool operator==(const Intro&, const Intro&) = default;
};

[[nodiscard]] Bytes encode_intro(const Intro& intro, const SessionId& session, Direction direction,
                                 const Signer& signer);

// Denied: the signature does not hold.
[[nodiscard]] Result<Intro> decode_intro(ByteView bytes, const SessionId& session,
                                         Direction direction, const Signer& signer);

}  // namespace shoal::host
