#include "membership/codec.h"

#include "node/base/wire.h"

namespace shoal::membership {

Bytes encode_message(const Message& message) {
    return wire::encode(message);
}

Result<Message> decode_message(ByteView bytes) {
    return wire::decode<Message>(bytes);
}

Bytes encode_claim(const Claim& claim) {
    return wire::encode(claim);
}

Result<Claim> decode_claim(ByteView bytes) {
    return wire::decode<Claim>(bytes, wire::kDatagram);
}

}  // namespace shoal::membership
