#include "cli/address.h"

#include "cli/text.h"
#include "node/base/overloaded.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace shoal::cli {
namespace {

// A path of a UNIX socket has 107 bytes and a zero.
constexpr std::size_t kSocketPathMax = 107;

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_number(text);
    if (!port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*port);
}

struct HostPort {
    std::string_view host{};  // with its brackets, if any
    std::optional<std::string_view> port{};
};

HostPort split_port(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
        return {text, std::nullopt};
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<Address> parse_unix(std::string_view path) {
    if (!path.starts_with('/')) {
        return fail(
            Errc::Malformed,
            fmt::format("'unix://{}' needs a whole path: unix:///run/shoal/shoal.sock", path));
    }
    if (path.size() > kSocketPathMax) {
        return fail(Errc::TooLarge, fmt::format("the path '{}' is longer than the {} bytes a UNIX "
                                                "socket may have",
                                                path, kSocketPathMax));
    }
    return UnixAddress{std::string{path}};
}

Result<Address> parse_http(std::string_view rest) {
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto [host, port] = split_port(rest);
    const bool good = !host.empty() && port && parse_port(*port) &&
                      host.find_first_of("/@?# ") == std::string_view::npos;
    if (!good) {
        return fail(Errc::Malformed,
                    fmt::format("'http://{}' needs a host and a port: http://HOST:PORT", rest));
    }
    return HttpAddress{std::string{rest}};
}

Result<Address> parse_ssh(std::string_view rest) {
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto [destination, port] = split_port(rest);
    // A destination with a dash in front would be an option of ssh, and some of those run programs.
    const bool good = !destination.empty() && !destination.starts_with('-') &&
                      destination.find_first_of("/ ") == std::string_view::npos;
    const auto number = port ? parse_port(*port) : std::optional<std::uint16_t>{0};
    if (!good || !number) {
        return fail(
            Errc::Malformed,
            fmt::format("'ssh://{}' is not valid: ssh://USER@HOST or ssh://USER@HOST:PORT", rest));
    }
    return SshAddress{std::string{destination}, *number};
}

Result<Address> parse_address(std::string_view text) {
    const auto rest = [&](std::string_view scheme) { return text.substr(scheme.size()); };
    if (text.starts_with("unix://")) return parse_unix(rest("unix://"));
    if (text.starts_with("http://")) return parse_http(rest("http://"));
    if (text.starts_with("ssh://")) return parse_ssh(rest("ssh://"));
    return fail(Errc::Malformed,
                fmt::format("'{}' is not an address; expected unix:///PATH, http://HOST:PORT or "
                            "ssh://USER@HOST",
                            text));
}

}  // namespace

Result<std::vector<Address>> parse_addresses(std::string_view list) {
    std::vector<Address> out;
    if (trimmed(list).empty()) list = kDefaultAddress;
    for (const auto part : split(list, ',')) {
        auto address = parse_address(trimmed(part));
        if (!address) return fail(address.error());
        out.push_back(std::move(*address));
    }
    return out;
}

std::string to_string(const Address& address) {
    return std::visit(Overloaded{[](const UnixAddress& a) { return "unix://" + a.path; },
                                 [](const HttpAddress& a) { return "http://" + a.authority; },
                                 [](const SshAddress& a) {
                                     const auto port =
                                         a.port == 0 ? "" : fmt::format(":{}", a.port);
                                     return "ssh://" + a.destination + port;
                                 }},
                      address);
}

}  // namespace shoal::cli
