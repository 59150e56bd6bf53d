#include "node/host/network/bridge.h"

#include "node/host/network/names.h"
#include "node/host/network/namespaces.h"
#include "node/host/network/sysctl.h"

#include <algorithm>
#include <fcntl.h>
#include <limits>

namespace shoal::network {
namespace {

constexpr unsigned kUsualMtu = 1500;

using Words = std::vector<std::string>;

Result<Link> ensure_link(Netlink& kernel, const BridgePlan& plan, Words& changed) {
    auto found = find_link(kernel, plan.name);
    if (!found) return fail(found.error());
    const bool is_new = !*found;
    if (is_new) {
        const auto hardware = hardware_address(plan.subnet.gateway());
        if (auto made = make_bridge(kernel, plan.name, hardware); !made) return fail(made.error());
        changed.push_back("bridge " + plan.name + " was gone");
        found = find_link(kernel, plan.name);
        if (!found) return fail(found.error());
        if (!*found) return fail(Errc::NotFound, "bridge " + plan.name + " vanished");
    }
    const Link& link = **found;
    if (link.kind != "bridge") {
        return fail(Errc::Conflict, "link " + plan.name + " exists and is no bridge");
    }
    if (link.mtu != plan.mtu) {
        if (auto set = set_mtu(kernel, link.index, plan.mtu); !set) return fail(set.error());
        if (!is_new) {
            changed.push_back("bridge " + plan.name + " had MTU " + std::to_string(link.mtu));
        }
    }
    return link;
}

Result<void> ensure_address(Netlink& kernel, const BridgePlan& plan, int index, Words& changed) {
    const Address wanted{index, plan.subnet.gateway(), plan.subnet.prefix};
    const auto all = addresses(kernel);
    if (!all) return fail(all.error());
    for (const Address& other : *all) {
        if (other.link != index || other == wanted) continue;
        if (auto removed = remove_address(kernel, other); !removed) return removed;
        changed.push_back("bridge " + plan.name + " had the address " + to_string(other.address));
    }
    if (std::ranges::find(*all, wanted) != all->end()) return {};
    changed.push_back("bridge " + plan.name + " lacked its address " + to_string(wanted.address));
    return add_address(kernel, wanted);
}

// What nobody translates comes out here, and is refused, whatever other ways the host has; and
// whoever chooses a subnet after us sees that this one is taken.
Result<void> ensure_route(Netlink& kernel, const BridgePlan& plan, int index, Words& changed) {
    auto added = add_link_route(kernel, plan.services, index);
    // It goes with the link, the address or their being up, and then that is what is said.
    if (added && changed.empty()) {
        changed.push_back("bridge " + plan.name + " lacked the route to " +
                          to_string(plan.services));
    } else if (!added && added.error().code != Errc::Conflict) {
        return added;
    }
    return {};
}

Result<void> ensure_switches(const std::string& name, Words& changed) {
    const std::vector<Sysctl> switches{
        {"net/ipv4/conf/" + name + "/forwarding", "1"},
        // Lets 127.0.0.1:PORT of the host be translated; only here, and see rules.h.
        {"net/ipv4/conf/" + name + "/route_localnet", "1"},
        // Containers have no IPv6; the host shall have none towards them either.
        {"net/ipv6/conf/" + name + "/disable_ipv6", "1", true},
    };
    for (const Sysctl& wanted : switches) {
        const auto was = ensure_sysctl(wanted);
        if (!was) return fail(was.error());
        if (!was->empty()) changed.push_back(*was);
    }
    return {};
}

Result<void> configure_inside(const BridgePlan& plan, Ipv4 address) {
    auto kernel = Netlink::routing();
    if (!kernel) return fail(kernel.error());
    const auto link = find_link(*kernel, kInside);
    if (!link) return fail(link.error());
    if (!*link) return fail(Errc::NotFound, "the container's end of its link vanished");
    const int index = (*link)->index;
    if (auto added = add_address(*kernel, {index, address, plan.subnet.prefix}); !added)
        return added;
    if (auto up = set_up(*kernel, index); !up) return up;
    return add_default_route(*kernel, plan.subnet.gateway());
}

}  // namespace

Result<BridgeState> ensure_bridge(Netlink& kernel, const BridgePlan& plan) {
    BridgeState out;
    const auto link = ensure_link(kernel, plan, out.changed);
    if (!link) return fail(link.error());
    out.index = link->index;
    if (auto has = ensure_address(kernel, plan, link->index, out.changed); !has) {
        return fail(has.error());
    }
    if (!link->up) {
        if (auto up = set_up(kernel, link->index); !up) return fail(up.error());
        out.changed.push_back("bridge " + plan.name + " was down");
    }
    if (auto has = ensure_route(kernel, plan, link->index, out.changed); !has) {
        return fail(has.error());
    }
    if (auto set = ensure_switches(plan.name, out.changed); !set) return fail(set.error());
    return out;
}

Result<unsigned> uplink_mtu(Netlink& kernel) {
    const auto all = routes(kernel);
    if (!all) return fail(all.error());
    const Route* best = nullptr;
    for (const Route& route : *all) {
        if (route.destination.prefix != 0 || route.link == 0) continue;
        if (best == nullptr || route.metric < best->metric) best = &route;
    }
    if (best == nullptr) return kUsualMtu;
    const auto there = links(kernel);
    if (!there) return fail(there.error());
    const auto found = std::ranges::find(*there, best->link, &Link::index);
    return found == there->end() || found->mtu == 0 ? kUsualMtu : found->mtu;
}

Result<void> connect(Netlink& kernel, const BridgePlan& plan, int bridge, const Wire& wire) {
    const Descriptor inside{::open(wire.namespace_path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!inside.open()) return fail(system_error("opening " + wire.namespace_path, errno));
    const VethPlan veth{wire.link, kInside, inside.get(), hardware_address(wire.address), wire.mtu};
    if (auto made = make_veth(kernel, veth); !made) return made;
    return configure(kernel, plan, bridge, wire);
}

Result<void> configure(Netlink& kernel, const BridgePlan& plan, int bridge, const Wire& wire) {
    const auto link = find_link(kernel, wire.link);
    if (!link) return fail(link.error());
    if (!*link) return fail(Errc::NotFound, "link " + wire.link + " vanished");
    if (auto set = set_port(kernel, (*link)->index, bridge, wire.remark); !set) return set;
    return run_inside(wire.namespace_path, [&] { return configure_inside(plan, wire.address); });
}

}  // namespace shoal::network
