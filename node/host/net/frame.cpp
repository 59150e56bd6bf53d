#include "node/host/net/frame.h"

#include "node/base/check.h"
#include "node/host/net/octets.h"

#include <sodium.h>

#include <algorithm>

namespace shoal::host {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kFrameOverhead == kNonce + 1 + kTag);

}  // namespace

SessionId session_id(const HelloBytes& call, const HelloBytes& answer) {
    SessionId out{};
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, nullptr, 0, out.size());
    (void)crypto_generichash_update(&state, call.data(), call.size());
    (void)crypto_generichash_update(&state, answer.data(), answer.size());
    (void)crypto_generichash_final(&state, out.data(), out.size());
    return out;
}

FrameSeal::FrameSeal(const TransportKey& key, const SessionId& session, Direction direction)
    : key_(derive(key.session,
                  direction == Direction::FromCaller ? "shoal caller 1" : "shoal answerer 1",
                  session)),
      session_(session),
      direction_(direction) {}

std::array<std::uint8_t, 45> FrameSeal::associated(std::size_t length) const {
    std::array<std::uint8_t, 45> out{};
    Bytes bytes;
    bytes.reserve(out.size());
    OctetWriter{bytes}
        .bytes(session_)
        .u8(static_cast<std::uint8_t>(direction_))
        .u64(counter_)
        .u32(static_cast<std::uint32_t>(length));
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

void FrameSeal::seal(FrameType type, ByteView payload, Bytes& out) {
    const auto length = payload.size() + kFrameOverhead;
    SHOAL_CHECK(payload.size() <= kStreamPayloadMax);
    Bytes inside;
    inside.reserve(payload.size() + 1);
    OctetWriter{inside}.u8(static_cast<std::uint8_t>(type)).bytes(payload);
    OctetWriter{out}.u32(static_cast<std::uint32_t>(length));
    const auto at = out.size();
    out.resize(at + length);
    const auto rest = std::span{out}.subspan(at);
    fill_random(rest.first(kNonce));
    const auto extra = associated(length);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        rest.subspan(kNonce).data(), nullptr, inside.data(), inside.size(), extra.data(),
        extra.size(), nullptr, rest.data(), key_.data());
    ++counter_;
}

Result<Frame> FrameSeal::open(ByteView rest) {
    if (rest.size() < kFrameOverhead) return fail(Errc::Malformed, "a frame cut short");
    const auto extra = associated(rest.size());
    const auto sealed = rest.subspan(kNonce);
    Bytes inside(sealed.size() - kTag);
    const bool opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                            inside.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                            extra.data(), extra.size(), rest.data(), key_.data()) == 0;
    if (!opened) {
        return fail(Errc::Denied, "a frame that was changed, repeated, moved or left out");
    }
    ++counter_;
    if (inside[0] > static_cast<std::uint8_t>(FrameType::Goodbye)) {
        return fail(Errc::Malformed, "a frame of unknown type " + std::to_string(inside[0]));
    }
    Frame out{static_cast<FrameType>(inside[0]), {}};
    inside.erase(inside.begin());
    out.payload = std::move(inside);
    return out;
}

Result<std::size_t> frame_length(const std::array<std::uint8_t, kFrameHead>& head,
                                 std::size_t max) {
    const std::size_t length = OctetReader{head}.u32();
    if (length < kFrameOverhead) return fail(Errc::Malformed, "a frame shorter than its seal");
    if (length > max) {
        return fail(Errc::TooLarge, "a frame of " + std::to_string(length) +
                                        " bytes, over the limit of " + std::to_string(max));
    }
    return length;
}

}  // namespace shoal::host
