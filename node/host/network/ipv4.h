// IPv4 addresses and subnets as numbers, and what is wrong with a subnet somebody typed.
//
// Containers speak IPv4 only: one bridge, one private subnet per node, everything beyond it by
// translation.
#pragma once

#include "node/base/result.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shoal::network {

struct Ipv4 {
    std::uint32_t value = 0;  // host byte order; 0 = every address, where one is listened on

    [[nodiscard]] constexpr bool is_any() const { return value == 0; }

    [[nodiscard]] constexpr bool is_loopback() const { return value >> 24U == 127; }

    friend constexpr auto operator<=>(const Ipv4&, const Ipv4&) = default;
};

[[nodiscard]] std::string to_string(Ipv4 address);
[[nodiscard]] std::optional<Ipv4> parse_ipv4(std::string_view text);

// `base` has no bits set beyond `prefix`; only parse functions and masked() make one from outside.
struct Subnet {
    Ipv4 base{};
    unsigned prefix = 32;

    [[nodiscard]] constexpr std::uint32_t mask() const {
        return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
    }

    // Network and broadcast address included.
    [[nodiscard]] constexpr std::uint64_t size() const { return std::uint64_t{1} << (32 - prefix); }

    [[nodiscard]] constexpr bool contains(Ipv4 address) const {
        return (address.value & mask()) == base.value;
    }

    [[nodiscard]] constexpr bool overlaps(const Subnet& other) const {
        return contains(other.base) || other.contains(base);
    }

    [[nodiscard]] constexpr Ipv4 at(std::uint32_t index) const { return {base.value + index}; }

    // The bridge's own address, every container's way out.
    [[nodiscard]] constexpr Ipv4 gateway() const { return at(1); }

    friend constexpr auto operator<=>(const Subnet&, const Subnet&) = default;
};

[[nodiscard]] constexpr Subnet masked(Ipv4 address, unsigned prefix) {
    Subnet out{{}, prefix};
    out.base.value = address.value & out.mask();
    return out;
}

[[nodiscard]] std::string to_string(const Subnet& subnet);

// A larger subnet is more than one node can fill and has no name for its links; a smaller one has
// no room for containers.
inline constexpr unsigned kPrefixMin = 16;
inline constexpr unsigned kPrefixMax = 28;

// Malformed: says which part is wrong and, where there is one, what was probably meant. `kind`:
// "bridge" or "service".
[[nodiscard]] Result<Subnet> parse_bridge_subnet(std::string_view text,
                                                 std::string_view kind = "bridge");

}  // namespace shoal::network
