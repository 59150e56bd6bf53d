#include "node/host/network/ipv4.h"

#include <array>
#include <charconv>

namespace shoal::network {
namespace {

// Addresses that mean something else everywhere.
struct Special {
    Subnet subnet;
    std::string_view purpose;
};

constexpr std::array<Special, 4> kSpecial{{
    {{{0x00000000}, 8}, "\"this network\""},
    {{{0x7f000000}, 8}, "loopback"},
    {{{0xa9fe0000}, 16}, "link-local addresses"},
    {{{0xe0000000}, 3}, "multicast and reserved addresses"},
}};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

std::string to_string(Ipv4 address) {
    std::string out;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        if (!out.empty()) out += '.';
        out += std::to_string(address.value >> (shift - 8) & 0xffU);
    }
    return out;
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
    Ipv4 out;
    for (int part = 0; part < 4; ++part) {
        const auto dot = part < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const auto digits = text.substr(0, dot);
        // "010" is 8 to some programs and 10 to others.
        if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
        const auto byte = parse_number<std::uint8_t>(digits);
        if (!byte) return std::nullopt;
        out.value = out.value << 8U | *byte;
        text.remove_prefix(part < 3 ? dot + 1 : dot);
    }
    return out;
}

std::string to_string(const Subnet& subnet) {
    return to_string(subnet.base) + "/" + std::to_string(subnet.prefix);
}

Result<Subnet> parse_bridge_subnet(std::string_view text, std::string_view kind) {
    const auto wrong = [&](const std::string& why) {
        return fail(Errc::Malformed,
                    std::string{kind} + " subnet '" + std::string{text} + "': " + why);
    };
    const auto slash = text.find('/');
    if (text.find(':') != std::string_view::npos) {
        return wrong("containers have IPv4 addresses only; write it like 10.210.4.0/24");
    }
    if (slash == std::string_view::npos) {
        return wrong("the prefix length is missing; write it like 10.210.4.0/24");
    }
    const auto address = parse_ipv4(text.substr(0, slash));
    if (!address)
        return wrong("'" + std::string{text.substr(0, slash)} + "' is not an IPv4 address");
    const auto prefix = parse_number<unsigned>(text.substr(slash + 1));
    if (!prefix || *prefix > 32) {
        return wrong("'" + std::string{text.substr(slash + 1)} + "' is not a prefix length");
    }
    if (*prefix < kPrefixMin || *prefix > kPrefixMax) {
        return wrong("the prefix length must be between /" + std::to_string(kPrefixMin) + " and /" +
                     std::to_string(kPrefixMax));
    }
    const Subnet subnet = masked(*address, *prefix);
    if (subnet.base != *address) {
        return wrong("that is an address inside a subnet; the subnet is " + to_string(subnet));
    }
    for (const Special& special : kSpecial) {
        if (special.subnet.overlaps(subnet)) {
            return wrong("it lies in " + to_string(special.subnet) + ", which is for " +
                         std::string{special.purpose});
        }
    }
    return subnet;
}

}  // namespace shoal::network
