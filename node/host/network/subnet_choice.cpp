#include "node/host/network/subnet_choice.h"

#include <algorithm>
#include <array>

namespace shoal::network {
namespace {

// Away from what routers at home and other container engines hand out by default; the second and
// third only matter where a route covers all of 10.0.0.0/8.
constexpr std::array<Subnet, 3> kPools{{
    {{0x0ac00000}, 12},  // 10.192.0.0/12
    {{0xac180000}, 13},  // 172.24.0.0/13
    {{0xc0a88000}, 17},  // 192.168.128.0/17
}};

// A route this wide stands for "everything else": some tunnels split the default route in two.
constexpr unsigned kDefaultLikePrefix = 7;

const Taken* overlapping(const Subnet& wanted, const std::vector<Taken>& taken) {
    const auto found = std::ranges::find_if(taken, [&](const Taken& other) {
        return other.subnet.prefix > kDefaultLikePrefix && other.subnet.overlaps(wanted);
    });
    return found == taken.end() ? nullptr : &*found;
}

}  // namespace

std::optional<Subnet> choose_subnet(std::uint64_t seed, const std::vector<Taken>& taken,
                                    unsigned prefix) {
    for (const Subnet& pool : kPools) {
        const std::uint32_t count = 1U << (prefix - pool.prefix);
        for (std::uint32_t tried = 0; tried < count; ++tried) {
            const auto index = static_cast<std::uint32_t>((seed + tried) % count);
            const Subnet candidate{pool.at(index << (32 - prefix)), prefix};
            if (overlapping(candidate, taken) == nullptr) return candidate;
        }
    }
    return std::nullopt;
}

Result<void> check_free(const Subnet& wanted, const std::vector<Taken>& taken,
                        const std::string& kind) {
    const Taken* other = overlapping(wanted, taken);
    if (other == nullptr) return {};
    return fail(Errc::Conflict, kind + " subnet " + to_string(wanted) + " overlaps the route to " +
                                    to_string(other->subnet) +
                                    (other->link.empty() ? "" : " through " + other->link) +
                                    "; give another with --" + kind + "-subnet");
}

std::optional<Ipv4> choose_address(const Subnet& subnet, Ipv4 last, const std::vector<Ipv4>& used) {
    // Neither the network's own address, nor the bridge's, nor the broadcast address.
    constexpr std::uint32_t kFirst = 2;
    const auto count = static_cast<std::uint32_t>(subnet.size()) - kFirst - 1;
    const std::uint32_t begin = subnet.contains(last) && last >= subnet.at(kFirst)
                                    ? last.value - subnet.base.value - kFirst + 1
                                    : 0;
    for (std::uint32_t tried = 0; tried < count; ++tried) {
        const Ipv4 candidate = subnet.at(kFirst + (begin + tried) % count);
        if (!std::ranges::binary_search(used, candidate)) return candidate;
    }
    return std::nullopt;
}

}  // namespace shoal::network
