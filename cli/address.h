// Where nodes answer: SHOAL_ADDR, a list tried in order.
//
//     SHOAL_ADDR=unix:///run/shoal/shoal.sock,http://10.0.0.2:8373,ssh://root@10.0.0.3
#pragma once

#include "node/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace shoal::cli {

inline constexpr std::string_view kDefaultAddress = "unix:///run/shoal/shoal.sock";

struct UnixAddress {
    std::string path{};
    friend bool operator==(const UnixAddress&, const UnixAddress&) = default;
};

struct HttpAddress {
    std::string authority{};  // "10.0.0.2:8373", "[::1]:8373"
    friend bool operator==(const HttpAddress&, const HttpAddress&) = default;
};

// `ssh DESTINATION shoal dial-stdio` on the other side connects to that node's own socket.
struct SshAddress {
    std::string destination{};  // "host", "user@host"
    std::uint16_t port = 0;     // 0: whatever ssh thinks
    friend bool operator==(const SshAddress&, const SshAddress&) = default;
};

using Address = std::variant<UnixAddress, HttpAddress, SshAddress>;

// Nothing but white space means the default. Says which part is wrong and what would be valid.
[[nodiscard]] Result<std::vector<Address>> parse_addresses(std::string_view list);

[[nodiscard]] std::string to_string(const Address& address);

}  // namespace shoal::cli
