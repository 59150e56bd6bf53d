// What may stand in /etc/hosts, and in a label of the DNS but for the underscore.
#pragma once

#include <algorithm>
#include <string_view>

namespace shoal {

inline constexpr std::size_t kHostNameMax = 63;

// 1 to 63 letters, digits, '.', '_' and '-'.
[[nodiscard]] constexpr bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= kHostNameMax &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
           });
}

}  // namespace shoal
