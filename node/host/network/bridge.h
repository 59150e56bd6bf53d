// The bridge of a node and the links of its containers: made, and made good again.
#pragma once

#include "node/host/network/links.h"

#include <string>
#include <vector>

namespace shoal::network {

struct BridgePlan {
    std::string name{};
    Subnet subnet{};
    Subnet services{};  // where the addresses of services are taken from
    unsigned mtu = 1500;
};

struct BridgeState {
    int index = 0;
    std::vector<std::string> changed{};  // what was not as planned, in words
};

// Makes the bridge what the plan says, whatever is there: exists, up, its one address, its
// switches. Conflict: a link of that name is no bridge.
[[nodiscard]] Result<BridgeState> ensure_bridge(Netlink& kernel, const BridgePlan& plan);

// Of the link the default route leads through; 1500 without one.
[[nodiscard]] Result<unsigned> uplink_mtu(Netlink& kernel);

struct Wire {
    std::string link{};            // name of the host's end
    std::string namespace_path{};  // of the container
    std::string remark{};
    Ipv4 address{};
    unsigned mtu = 1500;
};

// The container's end is called so inside.
inline constexpr const char* kInside = "eth0";

// Gives the container its link, address and default route. On failure the link may be left;
// removing it is enough.
[[nodiscard]] Result<void> connect(Netlink& kernel, const BridgePlan& plan, int bridge,
                                   const Wire& wire);

// All that connect() does once there is a link; again, if need be.
[[nodiscard]] Result<void> configure(Netlink& kernel, const BridgePlan& plan, int bridge,
                                     const Wire& wire);

}  // namespace shoal::network
