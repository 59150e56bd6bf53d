// Bytes of files on their way through JSON, and a short mark to know them by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shoal::api {

[[nodiscard]] std::string to_base64(std::string_view bytes);

[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

// 32 digits that tell one content from another, where the content itself is not to be shown. No
// proof of anything: whoever can guess a content can check the guess.
[[nodiscard]] std::string digest_of(std::string_view bytes);

}  // namespace shoal::api
