#include "node/host/net/address.h"

#include <algorithm>
#include <charconv>

namespace shoal::host {
namespace {

Result<std::uint16_t> parse_port(std::string_view text, std::string_view whole) {
    unsigned port = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end || port == 0 || port > 65535) {
        return fail(Errc::Malformed, "\"" + std::string{whole} + "\": no port between 1 and 65535");
    }
    return static_cast<std::uint16_t>(port);
}

}  // namespace

Result<asio::ip::address> to_address(const std::string& ip) {
    asio::error_code error;
    auto out = asio::ip::make_address(ip, error);
    if (error) {
        return fail(Errc::Malformed, "\"" + ip + "\" is not an IPv4 or IPv6 address");
    }
    return out;
}

Endpoint to_endpoint(const asio::ip::address& address, std::uint16_t port) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return {asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string(), port};
    }
    return {address.to_string(), port};
}

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
    std::string_view ip = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        const bool fits =
            close != std::string_view::npos && (close + 1 == text.size() || text[close + 1] == ':');
        if (!fits) {
            return fail(Errc::Malformed, "\"" + std::string{text} + "\": want [IPV6]:PORT");
        }
        ip = text.substr(1, close - 1);
        port = text.substr(std::min(text.size(), close + 2));
    } else if (const auto colon = text.find(':');
               colon != std::string_view::npos &&
               text.find(':', colon + 1) == std::string_view::npos) {
        ip = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (port.empty()) return fail(Errc::Malformed, "\"" + std::string{text} + "\": no port");
    }
    const auto address = to_address(std::string{ip});
    if (!address) return fail(address.error());
    std::uint16_t number = default_port;
    if (!port.empty()) {
        const auto parsed = parse_port(port, text);
        if (!parsed) return fail(parsed.error());
        number = *parsed;
    }
    return Endpoint{address->to_string(), number};
}

}  // namespace shoal::host
