// Standard base64 with padding, by libsodium.
#pragma once

#include "node/base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace shoal::host {

[[nodiscard]] std::string to_base64(ByteView bytes);
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text);

}  // namespace shoal::host
