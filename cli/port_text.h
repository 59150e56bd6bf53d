// A published port as the API writes it: "80", "8080:80", "127.0.0.1:53:53/udp".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shoal::cli {

struct PublishedPort {
    std::string host_ip{};        // empty: every address
    std::uint16_t host_port = 0;  // 0: the node chooses
    bool udp = false;
};

[[nodiscard]] std::optional<PublishedPort> parse_published(std::string_view text);

// "8080", "53/udp"
[[nodiscard]] std::string to_string(const PublishedPort& port);

}  // namespace shoal::cli
