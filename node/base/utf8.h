// Is it text? RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <string_view>

namespace shoal {

[[nodiscard]] bool is_utf8(std::string_view bytes);

}  // namespace shoal
