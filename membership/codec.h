// Membership messages as bytes. Decoding is bounded and never throws.
#pragma once

#include "membership/messages.h"
#include "node/base/bytes.h"
#include "node/base/result.h"

namespace shoal::membership {

[[nodiscard]] Bytes encode_message(const Message& message);
[[nodiscard]] Result<Message> decode_message(ByteView bytes);

// A claim as a row of the journal.
[[nodiscard]] Bytes encode_claim(const Claim& claim);
[[nodiscard]] Result<Claim> decode_claim(ByteView bytes);

}  // namespace shoal::membership
