#include "node/host/network/conntrack.h"

#include "node/host/network/netlink.h"

#include <algorithm>
#include <functional>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace shoal::network {
namespace {

constexpr std::uint16_t kGet = NFNL_SUBSYS_CTNETLINK << 8U | IPCTNL_MSG_CT_GET;
constexpr std::uint16_t kDelete = NFNL_SUBSYS_CTNETLINK << 8U | IPCTNL_MSG_CT_DELETE;

// Which fields of a tuple a dump is limited to. The kernel's headers for programs leave them out.
constexpr std::uint32_t kBySource = 1U << 0U;
constexpr std::uint32_t kByProtocol = 1U << 3U;
constexpr std::uint32_t kByDestinationPort = 1U << 5U;

nfgenmsg ipv4() {
    return {AF_INET, NFNETLINK_V0, 0};
}

// The kernel selects, so that a host with a million flows is not read as a whole.
void limit(Message& message, std::uint32_t original, std::uint32_t reply) {
    message.nested(CTA_FILTER, [&](Message& filter) {
        filter.u32(CTA_FILTER_ORIG_FLAGS, original).u32(CTA_FILTER_REPLY_FLAGS, reply);
    });
}

// Where a flow was sent to at first.
Ipv4 destination_of(const Attributes& flow) {
    const auto ip = flow.nested(CTA_TUPLE_ORIG).nested(CTA_TUPLE_IP);
    return {ip.u32_network(CTA_IP_V4_DST).value_or(0)};
}

// Who answers it.
Ipv4 answerer_of(const Attributes& flow) {
    const auto ip = flow.nested(CTA_TUPLE_REPLY).nested(CTA_TUPLE_IP);
    return {ip.u32_network(CTA_IP_V4_SRC).value_or(0)};
}

Result<std::size_t> forget(const Message& selection,
                           const std::function<bool(const Attributes&)>& chosen) {
    auto kernel = Netlink::netfilter();
    if (!kernel) return fail(kernel.error());
    const auto flows = kernel->ask(selection, "listing flows");
    if (!flows) return fail(flows.error());
    std::size_t count = 0;
    for (const Reply& flow : *flows) {
        const auto attributes = attributes_after<nfgenmsg>(flow.payload);
        const auto tuple = attributes.find(CTA_TUPLE_ORIG);
        if (!tuple || !chosen(attributes)) continue;
        Message removal{kDelete, 0};
        removal.fixed(ipv4()).raw(CTA_TUPLE_ORIG | NLA_F_NESTED, *tuple);
        // The id makes sure that it is this flow and not one that took its place.
        for (const std::uint16_t also : {CTA_ZONE, CTA_ID}) {
            if (const auto value = attributes.find(also)) removal.raw(also, *value);
        }
        const auto removed = kernel->tell(removal, "forgetting a flow");
        if (!removed && removed.error().code != Errc::NotFound) return fail(removed.error());
        ++count;
    }
    return count;
}

}  // namespace

Result<std::size_t> forget_flows_to(Ipv4 container) {
    Message answered{kGet, NLM_F_DUMP};
    answered.fixed(ipv4()).nested(CTA_TUPLE_REPLY, [&](Message& tuple) {
        tuple.nested(CTA_TUPLE_IP,
                     [&](Message& ip) { ip.u32_network(CTA_IP_V4_SRC, container.value); });
    });
    limit(answered, 0, kBySource);
    return forget(answered, [](const Attributes&) { return true; });
}

Result<std::size_t> forget_datagrams_within(const Subnet& services,
                                            const std::vector<Ipv4>& answerers) {
    Message datagrams{kGet, NLM_F_DUMP};
    datagrams.fixed(ipv4()).nested(CTA_TUPLE_ORIG, [](Message& tuple) {
        tuple.nested(CTA_TUPLE_PROTO, [](Message& protocol) {
            protocol.u8(CTA_PROTO_NUM, static_cast<std::uint8_t>(Protocol::Udp));
        });
    });
    limit(datagrams, kByProtocol, 0);
    return forget(datagrams, [&](const Attributes& flow) {
        if (!services.contains(destination_of(flow))) return false;
        return answerers.empty() ||
               std::ranges::find(answerers, answerer_of(flow)) != answerers.end();
    });
}

Result<std::size_t> forget_datagrams_to(const Publication& port, const std::vector<Ipv4>& local) {
    if (port.protocol != Protocol::Udp) return std::size_t{0};
    Message began{kGet, NLM_F_DUMP};
    began.fixed(ipv4()).nested(CTA_TUPLE_ORIG, [&](Message& tuple) {
        tuple.nested(CTA_TUPLE_PROTO, [&](Message& protocol) {
            protocol.u8(CTA_PROTO_NUM, static_cast<std::uint8_t>(port.protocol));
            protocol.u16_network(CTA_PROTO_DST_PORT, port.host_port);
        });
    });
    limit(began, kByProtocol | kByDestinationPort, 0);
    return forget(began, [&](const Attributes& flow) {
        const Ipv4 destination = destination_of(flow);
        return port.host.is_any() ? std::ranges::find(local, destination) != local.end()
                                  : destination == port.host;
    });
}

}  // namespace shoal::network
