// The target of a request, "/v1/kv/a%20b?acks=2", and back.
#pragma once

#include "node/base/result.h"
#include "node/host/http/message.h"

#include <string>
#include <string_view>

namespace shoal::host::http {

struct Target {
    std::string path{};
    Fields query{};
};

// Malformed: not an absolute path, a broken escape, text that is not UTF-8 or holds a NUL, or a
// word of the query given twice, where two readers could pick different ones. In the query a '+'
// is a space, as forms have it.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

// parse_target reads it back as the same.
[[nodiscard]] std::string encode_target(const std::string& path, const Fields& query);

}  // namespace shoal::host::http
