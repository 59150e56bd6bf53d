#include "cli/port_text.h"

#include "cli/text.h"

namespace shoal::cli {
namespace {

constexpr std::string_view kUdp = "/udp";

}  // namespace

std::optional<PublishedPort> parse_published(std::string_view text) {
    PublishedPort out;
    out.udp = text.ends_with(kUdp);
    text = text.substr(0, text.rfind('/'));
    const auto last = text.rfind(':');
    if (last == std::string_view::npos) return out;
    text = text.substr(0, last);
    const auto before = text.rfind(':');
    const bool bound = before != std::string_view::npos;
    const auto port = parse_number(bound ? text.substr(before + 1) : text);
    if (!port || *port > UINT16_MAX) return std::nullopt;
    out.host_port = static_cast<std::uint16_t>(*port);
    if (bound) out.host_ip = std::string{text.substr(0, before)};
    if (out.host_ip == "0.0.0.0" || out.host_ip == "[::]") out.host_ip.clear();
    return out;
}

std::string to_string(const PublishedPort& port) {
    return std::to_string(port.host_port) + (port.udp ? std::string{kUdp} : std::string{});
}

}  // namespace shoal::cli
