#include "node/agent/envelope.h"

#include "membership/codec.h"
#include "placement/codec.h"
#include "store/codec.h"

#include <utility>

namespace shoal::agent {
namespace {

enum class Plane : std::uint8_t { Membership = 1, Store = 2, Placement = 3 };

constexpr std::size_t kDatagramMax = 1200;

template <class Decoded>
Result<Message> widen(Result<Decoded> decoded) {
    if (!decoded) return fail(std::move(decoded.error()));
    return Message{std::move(*decoded)};
}

}  // namespace

Bytes encode_message(const Message& message) {
    Bytes out{static_cast<std::uint8_t>(message.index() + 1)};
    const Bytes body = std::visit([](const auto& held) { return encode_message(held); }, message);
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

Result<Message> decode_message(ByteView bytes, Channel channel) {
    if (bytes.empty()) return fail(Errc::Malformed, "an empty message");
    if (channel == Channel::Datagram && bytes.size() > kDatagramMax) {
        return fail(Errc::TooLarge, "a datagram payload over 1200 bytes");
    }
    const auto body = bytes.subspan(1);
    switch (static_cast<Plane>(bytes[0])) {
        case Plane::Membership:
            return widen(membership::decode_message(body));
        case Plane::Store:
            return widen(store::decode_message(body));
        case Plane::Placement:
            return widen(placement::decode_message(body));
    }
    return fail(Errc::Malformed, "a message of an unknown plane");
}

}  // namespace shoal::agent
