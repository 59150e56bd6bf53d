// Frames: what travels on a connection after the greetings.
//
//     0  4  length of the rest     4 24  nonce     28  sealed { type 1, payload }, tag 16
//
// Keys are made from both greetings, one per direction, so a frame means nothing on any other
// connection nor in the other direction. The authenticated data holds session, direction, a counter
// that both ends keep, and the length: a frame left out, repeated or moved does not open, and the
// connection ends. An end without Goodbye is a broken stream, so cutting off a tail is noticed.
#pragma once

#include "node/host/net/hello.h"
#include "node/host/net/transport_types.h"

namespace shoal::host {

enum class FrameType : std::uint8_t {
    Intro = 0,    // first in each direction, never again
    Data = 1,     //
    Goodbye = 2,  // nothing follows in this direction
};

struct Frame {
    FrameType type = FrameType::Data;
    Bytes payload{};

    friend bool operator==(const Frame&, const Frame&) = default;
};

inline constexpr std::size_t kFrameHead = 4;
inline constexpr std::size_t kFrameOverhead = 24 + 1 + 16;
// Until the peer has introduced itself it may not make us hold more than this.
inline constexpr std::size_t kIntroFrameMax = 512;

enum class Direction : std::uint8_t { FromCaller = 0, FromAnswerer = 1 };

// 32 bytes both ends compute from the greetings; no two connections share one.
using SessionId = std::array<std::uint8_t, 32>;

[[nodiscard]] SessionId session_id(const HelloBytes& call, const HelloBytes& answer);

// One direction of one connection; the same class seals at one end and opens at the other.
class FrameSeal {
public:
    FrameSeal(const TransportKey& key, const SessionId& session, Direction direction);

    // Appends head and frame to `out`.
    void seal(FrameType type, ByteView payload, Bytes& out);

    // `rest`: what follows the head.
    [[nodiscard]] Result<Frame> open(ByteView rest);

private:
    [[nodiscard]] std::array<std::uint8_t, 45> associated(std::size_t length) const;

    Secret key_;
    SessionId session_;
    Direction direction_;
    std::uint64_t counter_ = 0;
};

// The length of the rest, at most `max` and at least that of an empty frame.
[[nodiscard]] Result<std::size_t> frame_length(const std::array<std::uint8_t, kFrameHead>& head,
                                               std::size_t max);

}  // namespace shoal::host
