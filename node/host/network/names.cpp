#include "node/host/network/names.h"

#include "node/base/check.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace shoal::network {

Names names_of(const NodeId& node) {
    const std::string id = to_short(node);
    return {"shoal-" + id, "shoal_" + id, "shoal_" + id + "_services", "shoal_" + id,
            "v" + id + "-"};
}

std::string link_name(const Names& names, const Subnet& subnet, Ipv4 address) {
    SHOAL_CHECK(subnet.contains(address) && subnet.prefix >= kPrefixMin);
    std::array<char, 8> place{};
    (void)std::snprintf(place.data(), place.size(), "%04x", address.value - subnet.base.value);
    return names.link_prefix + place.data();
}

std::string hardware_address(Ipv4 address) {
    std::string out{0x02, 0x73};
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        out += static_cast<char>(address.value >> (shift - 8) & 0xffU);
    }
    return out;
}

Result<void> check_container_id(std::string_view id) {
    const auto harmless = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-' || c == '.';
    };
    if (id.empty() || id.size() > 128 || id.front() == '.' || !std::ranges::all_of(id, harmless)) {
        return fail(Errc::Refused, "'" + std::string{id} + "' cannot name a container's network");
    }
    return {};
}

}  // namespace shoal::network
