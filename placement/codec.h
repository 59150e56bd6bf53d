// Placement's messages, specs, claims, facts and ledger rows as bytes. Bounded; never throws.
// encode_job, encode_claim, encode_facts and their decoders are declared beside their structs.
#pragma once

#include "node/base/bytes.h"
#include "node/base/result.h"
#include "placement/messages.h"

namespace shoal::placement {

[[nodiscard]] Bytes encode_message(const Message& message);
[[nodiscard]] Result<Message> decode_message(ByteView bytes);

}  // namespace shoal::placement
