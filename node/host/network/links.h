// Links, addresses and routes of one network namespace, by rtnetlink.
//
// Indexes are those of the namespace the socket belongs to. Every call is one question to the
// kernel; none keeps anything.
#pragma once

#include "node/host/network/ipv4.h"
#include "node/host/network/netlink.h"

#include <optional>
#include <string>
#include <vector>

namespace shoal::network {

struct Link {
    int index = 0;
    std::string name{};
    std::string kind{};  // "bridge", "veth"; empty: hardware
    bool up = false;
    unsigned mtu = 0;  // bytes
    int master = 0;    // index of the bridge it is a port of; 0: none
};

[[nodiscard]] Result<std::vector<Link>> links(Netlink& kernel);
// Nothing: there is none of that name.
[[nodiscard]] Result<std::optional<Link>> find_link(Netlink& kernel, const std::string& name);

// Down at first, with a hardware address of its own that stays when ports come and go. Its MTU
// follows its ports until it is set: one given here would be lost with the last of them.
[[nodiscard]] Result<void> make_bridge(Netlink& kernel, const std::string& name,
                                       const std::string& hardware);

struct VethPlan {
    std::string name{};      // of the host's end; both are down at first
    std::string peer{};      // of the container's end, made directly in its namespace
    int peer_namespace = 0;  // an open descriptor
    std::string peer_hardware{};
    unsigned mtu = 0;
};

// Conflict: the name is taken.
[[nodiscard]] Result<void> make_veth(Netlink& kernel, const VethPlan& plan);

[[nodiscard]] Result<void> set_up(Netlink& kernel, int index);
[[nodiscard]] Result<void> set_mtu(Netlink& kernel, int index, unsigned mtu);
// Makes it a port of `bridge` that may get its own packets back, up, with a remark for `ip link`.
[[nodiscard]] Result<void> set_port(Netlink& kernel, int index, int bridge,
                                    const std::string& remark);
// Gone already: fine. Takes some 20 ms: the kernel waits until nobody uses it any more.
[[nodiscard]] Result<void> remove_link(Netlink& kernel, const std::string& name);

struct Address {
    int link = 0;
    Ipv4 address{};
    unsigned prefix = 0;

    friend bool operator==(const Address&, const Address&) = default;
};

[[nodiscard]] Result<std::vector<Address>> addresses(Netlink& kernel);
// Has it already: fine.
[[nodiscard]] Result<void> add_address(Netlink& kernel, const Address& address);
[[nodiscard]] Result<void> remove_address(Netlink& kernel, const Address& address);

struct Route {
    Subnet destination{};
    int link = 0;
    std::uint32_t metric = 0;
};

// IPv4 routes of all tables.
[[nodiscard]] Result<std::vector<Route>> routes(Netlink& kernel);
[[nodiscard]] Result<void> add_default_route(Netlink& kernel, Ipv4 gateway);
// Packets for there leave by this link. Conflict: there is such a route.
[[nodiscard]] Result<void> add_link_route(Netlink& kernel, const Subnet& destination, int link);

}  // namespace shoal::network
