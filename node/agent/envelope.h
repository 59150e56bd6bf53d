// A message as the bytes that are sealed and sent: one byte for the plane, then that machine's own
// encoding. Decoding is bounded and never throws; each channel has its own size limit.
#pragma once

#include "node/agent/types.h"
#include "node/base/bytes.h"
#include "node/base/result.h"

namespace shoal::agent {

[[nodiscard]] Bytes encode_message(const Message& message);
[[nodiscard]] Result<Message> decode_message(ByteView bytes, Channel channel);

}  // namespace shoal::agent
