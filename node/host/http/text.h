// Words of HTTP. ASCII only: the locale of a process must not change a protocol.
#pragma once

#include <string>
#include <string_view>

namespace shoal::host::http {

[[nodiscard]] std::string lower(std::string_view text);

// Without spaces and tabs at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

// The name of a method or header, in lower case: RFC 9110 section 5.6.2.
[[nodiscard]] bool is_lower_token(std::string_view text);

}  // namespace shoal::host::http
