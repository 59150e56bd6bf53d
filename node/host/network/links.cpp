#include "node/host/network/links.h"

#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

namespace shoal::network {
namespace {

constexpr std::uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;

// Indexes are signed in messages and unsigned in attributes.
std::uint32_t unsigned_of(int index) {
    return static_cast<std::uint32_t>(index);
}

ifinfomsg with_flag_up(int index) {
    ifinfomsg info{};
    info.ifi_index = index;
    info.ifi_flags = IFF_UP;
    info.ifi_change = IFF_UP;
    return info;
}

ifinfomsg without_flags(int index) {
    ifinfomsg info{};
    info.ifi_index = index;
    return info;
}

rtmsg plain_route(std::uint8_t scope) {
    rtmsg info{};
    info.rtm_family = AF_INET;
    info.rtm_table = RT_TABLE_MAIN;
    info.rtm_protocol = RTPROT_STATIC;
    info.rtm_scope = scope;
    info.rtm_type = RTN_UNICAST;
    return info;
}

Link link_of(ByteView payload) {
    const auto info = read_fixed<ifinfomsg>(payload);
    const auto attributes = attributes_after<ifinfomsg>(payload);
    Link out;
    out.index = info.ifi_index;
    out.name = attributes.text(IFLA_IFNAME);
    out.kind = attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND);
    out.up = (info.ifi_flags & IFF_UP) != 0;
    out.mtu = attributes.u32(IFLA_MTU).value_or(0);
    out.master = static_cast<int>(attributes.u32(IFLA_MASTER).value_or(0));
    return out;
}

Message address_message(std::uint16_t type, std::uint16_t flags, const Address& address) {
    ifaddrmsg info{};
    info.ifa_family = AF_INET;
    info.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix);
    info.ifa_index = unsigned_of(address.link);
    Message message{type, flags};
    message.fixed(info)
        .u32_network(IFA_LOCAL, address.address.value)
        .u32_network(IFA_ADDRESS, address.address.value);
    if (type == RTM_NEWADDR && address.prefix < 31) {
        const std::uint32_t mask = Subnet{{}, address.prefix}.mask();
        message.u32_network(IFA_BROADCAST, address.address.value | ~mask);
    }
    return message;
}

}  // namespace

Result<std::vector<Link>> links(Netlink& kernel) {
    Message question{RTM_GETLINK, NLM_F_DUMP};
    question.fixed(ifinfomsg{}).u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    const auto replies = kernel.ask(question, "listing links");
    if (!replies) return fail(replies.error());
    std::vector<Link> out;
    for (const Reply& reply : *replies) {
        if (reply.type == RTM_NEWLINK) out.push_back(link_of(reply.payload));
    }
    return out;
}

Result<std::optional<Link>> find_link(Netlink& kernel, const std::string& name) {
    Message question{RTM_GETLINK, 0};
    question.fixed(ifinfomsg{}).text(IFLA_IFNAME, name);
    const auto replies = kernel.ask(question, "looking for link " + name);
    if (!replies && replies.error().code == Errc::NotFound) return std::nullopt;
    if (!replies) return fail(replies.error());
    if (replies->empty()) return std::nullopt;
    return link_of(replies->front().payload);
}

Result<void> make_bridge(Netlink& kernel, const std::string& name, const std::string& hardware) {
    Message message{RTM_NEWLINK, kCreate};
    message.fixed(ifinfomsg{}).text(IFLA_IFNAME, name).bytes(IFLA_ADDRESS, hardware);
    message.nested(IFLA_LINKINFO, [](Message& info) { info.text(IFLA_INFO_KIND, "bridge"); });
    return kernel.tell(message, "making bridge " + name);
}

Result<void> make_veth(Netlink& kernel, const VethPlan& plan) {
    Message message{RTM_NEWLINK, kCreate};
    message.fixed(ifinfomsg{}).text(IFLA_IFNAME, plan.name).u32(IFLA_MTU, plan.mtu);
    const auto peer = [&](Message& content) {
        content.fixed(ifinfomsg{}).text(IFLA_IFNAME, plan.peer).u32(IFLA_MTU, plan.mtu);
        content.bytes(IFLA_ADDRESS, plan.peer_hardware);
        content.u32(IFLA_NET_NS_FD, unsigned_of(plan.peer_namespace));
    };
    message.nested(IFLA_LINKINFO, [&](Message& info) {
        info.text(IFLA_INFO_KIND, "veth");
        info.nested(IFLA_INFO_DATA, [&](Message& data) { data.nested(VETH_INFO_PEER, peer); });
    });
    return kernel.tell(message, "making link " + plan.name);
}

Result<void> set_up(Netlink& kernel, int index) {
    Message message{RTM_NEWLINK, 0};
    message.fixed(with_flag_up(index));
    return kernel.tell(message, "setting a link up");
}

Result<void> set_mtu(Netlink& kernel, int index, unsigned mtu) {
    Message message{RTM_NEWLINK, 0};
    message.fixed(without_flags(index)).u32(IFLA_MTU, mtu);
    return kernel.tell(message, "setting the MTU of a link");
}

Result<void> set_port(Netlink& kernel, int index, int bridge, const std::string& remark) {
    Message message{RTM_NEWLINK, 0};
    message.fixed(with_flag_up(index)).u32(IFLA_MASTER, unsigned_of(bridge));
    message.text(IFLA_IFALIAS, remark);
    if (auto set = kernel.tell(message, "adding a link to the bridge"); !set) return set;
    // In a message of its own: the kernel looks at these before it takes the link into the bridge.
    Message hairpin{RTM_NEWLINK, 0};
    hairpin.fixed(without_flags(index)).nested(IFLA_LINKINFO, [](Message& info) {
        info.text(IFLA_INFO_SLAVE_KIND, "bridge");
        info.nested(IFLA_INFO_SLAVE_DATA, [](Message& data) { data.u8(IFLA_BRPORT_MODE, 1); });
    });
    return kernel.tell(hairpin, "letting a bridge port hear itself");
}

Result<void> remove_link(Netlink& kernel, const std::string& name) {
    Message message{RTM_DELLINK, 0};
    message.fixed(ifinfomsg{}).text(IFLA_IFNAME, name);
    auto removed = kernel.tell(message, "removing link " + name);
    if (!removed && removed.error().code == Errc::NotFound) return {};
    return removed;
}

Result<std::vector<Address>> addresses(Netlink& kernel) {
    ifaddrmsg family{};
    family.ifa_family = AF_INET;
    Message question{RTM_GETADDR, NLM_F_DUMP};
    const auto replies = kernel.ask(question.fixed(family), "listing addresses");
    if (!replies) return fail(replies.error());
    std::vector<Address> out;
    for (const Reply& reply : *replies) {
        const auto info = read_fixed<ifaddrmsg>(reply.payload);
        const auto local = attributes_after<ifaddrmsg>(reply.payload).u32_network(IFA_LOCAL);
        if (reply.type != RTM_NEWADDR || !local) continue;
        out.push_back({static_cast<int>(info.ifa_index), {*local}, info.ifa_prefixlen});
    }
    return out;
}

Result<void> add_address(Netlink& kernel, const Address& address) {
    auto added = kernel.tell(address_message(RTM_NEWADDR, kCreate, address),
                             "adding address " + to_string(address.address));
    if (!added && added.error().code == Errc::Conflict) return {};
    return added;
}

Result<void> remove_address(Netlink& kernel, const Address& address) {
    return kernel.tell(address_message(RTM_DELADDR, 0, address),
                       "removing address " + to_string(address.address));
}

Result<std::vector<Route>> routes(Netlink& kernel) {
    rtmsg family{};
    family.rtm_family = AF_INET;
    Message question{RTM_GETROUTE, NLM_F_DUMP};
    const auto replies = kernel.ask(question.fixed(family), "listing routes");
    if (!replies) return fail(replies.error());
    std::vector<Route> out;
    for (const Reply& reply : *replies) {
        const auto info = read_fixed<rtmsg>(reply.payload);
        if (reply.type != RTM_NEWROUTE || info.rtm_family != AF_INET) continue;
        const auto attributes = attributes_after<rtmsg>(reply.payload);
        const Ipv4 destination{attributes.u32_network(RTA_DST).value_or(0)};
        out.push_back({masked(destination, info.rtm_dst_len),
                       static_cast<int>(attributes.u32(RTA_OIF).value_or(0)),
                       attributes.u32(RTA_PRIORITY).value_or(0)});
    }
    return out;
}

Result<void> add_default_route(Netlink& kernel, Ipv4 gateway) {
    Message message{RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE};
    message.fixed(plain_route(RT_SCOPE_UNIVERSE)).u32_network(RTA_GATEWAY, gateway.value);
    return kernel.tell(message, "adding the default route");
}

Result<void> add_link_route(Netlink& kernel, const Subnet& destination, int link) {
    rtmsg info = plain_route(RT_SCOPE_LINK);
    info.rtm_dst_len = static_cast<std::uint8_t>(destination.prefix);
    Message message{RTM_NEWROUTE, kCreate};
    message.fixed(info)
        .u32_network(RTA_DST, destination.base.value)
        .u32(RTA_OIF, unsigned_of(link));
    return kernel.tell(message, "adding the route to " + to_string(destination));
}

}  // namespace shoal::network
