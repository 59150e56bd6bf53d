#include "node/host/net/advertise.h"

#include "node/host/net/address.h"

#include <asio/io_context.hpp>

#include <algorithm>
#include <filesystem>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

namespace shoal::host {
namespace {

constexpr const char* kHint = "; choose one with --advertise ADDRESS";

bool is_told(const std::string& bind) {
    const auto address = to_address(bind);
    return address && !address->is_unspecified();
}

// Why nobody else could use it; empty: they could.
std::string local_only(const Interface& interface) {
    const auto address = to_address(interface.ip);
    if (!address) return "not an address";
    if (!interface.up) return "down";
    if (interface.loopback || address->is_loopback()) return "loopback";
    if (address->is_unspecified() || address->is_multicast()) return "not an address of a host";
    if (address->is_v6() && address->to_v6().is_link_local()) return "link-local";
    if (address->is_v4() && (address->to_v4().to_uint() >> 16U) == 0xA9FEU) return "link-local";
    if (interface.bridge || interface.name == "docker0") return "a bridge";
    return "";
}

std::string listed(const std::vector<Interface>& interfaces) {
    std::string out;
    for (const auto& interface : interfaces) {
        out += (out.empty() ? "" : ", ") + interface.ip + " (" + interface.name + ")";
    }
    return out;
}

// The refused ones are shown too: a bridge may be what the person wants.
std::string refused_ones(const std::vector<Interface>& interfaces) {
    std::string out;
    for (const auto& interface : interfaces) {
        out += (out.empty() ? "" : ", ") + interface.ip + " (" + interface.name + ": " +
               local_only(interface) + ")";
    }
    return out;
}

Result<std::string> only_one(const std::vector<Interface>& all) {
    std::vector<Interface> v4;
    std::vector<Interface> v6;
    for (const auto& interface : all) {
        if (!local_only(interface).empty()) continue;
        (to_address(interface.ip)->is_v4() ? v4 : v6).push_back(interface);
    }
    const auto& fitting = v4.empty() ? v6 : v4;
    if (fitting.size() == 1) return fitting.front().ip;
    if (fitting.empty()) {
        return fail(Errc::Refused, "this host has no address that other nodes could reach (has " +
                                       refused_ones(all) + ")" + kHint);
    }
    return fail(Errc::Refused, "this host has several addresses that other nodes might reach: " +
                                   listed(fitting) + kHint);
}

struct FreeInterfaces {
    void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

std::string ip_of(const sockaddr* address) {
    if (address == nullptr) return "";
    if (address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        return asio::ip::address_v4{ntohl(v4->sin_addr.s_addr)}.to_string();
    }
    if (address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
        asio::ip::address_v6::bytes_type bytes{};
        std::copy(std::begin(v6->sin6_addr.s6_addr), std::end(v6->sin6_addr.s6_addr),
                  bytes.begin());
        return asio::ip::address_v6{bytes}.to_string();
    }
    return "";
}

}  // namespace

Result<std::string> choose_advertised(const AdvertiseQuestion& question) {
    if (!question.advertise.empty()) {
        const auto address = to_address(question.advertise);
        if (!address) return fail(Errc::Malformed, "--advertise: " + address.error().detail);
        if (!is_told(question.advertise)) {
            return fail(Errc::Malformed, "--advertise " + question.advertise +
                                             " stands for all addresses; others need one");
        }
        return address->to_string();
    }
    if (is_told(question.bind)) return to_address(question.bind)->to_string();
    if (question.route) {
        const auto owner =
            std::find_if(question.interfaces.begin(), question.interfaces.end(),
                         [&](const Interface& i) { return i.ip == *question.route; });
        const Interface route = owner == question.interfaces.end()
                                    ? Interface{"?", *question.route, true, false, false}
                                    : *owner;
        if (local_only(route).empty()) return *question.route;
    }
    return only_one(question.interfaces);
}

std::vector<Interface> list_interfaces() {
    ifaddrs* raw = nullptr;
    if (::getifaddrs(&raw) != 0) return {};
    const std::unique_ptr<ifaddrs, FreeInterfaces> list{raw};
    std::vector<Interface> out;
    for (const auto* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        auto ip = ip_of(entry->ifa_addr);
        if (ip.empty()) continue;
        const std::string name{entry->ifa_name};
        std::error_code error;
        const bool bridge = std::filesystem::exists("/sys/class/net/" + name + "/bridge", error);
        out.push_back({name, std::move(ip), (entry->ifa_flags & IFF_UP) != 0,
                       (entry->ifa_flags & IFF_LOOPBACK) != 0, bridge});
    }
    return out;
}

std::optional<std::string> route_source(const std::optional<Endpoint>& seed) {
    // 203.0.113.0/24 is reserved for documentation: only the default route leads there.
    const Endpoint target = seed.value_or(Endpoint{"203.0.113.1", 9});
    const auto address = to_address(target.ip);
    if (!address) return std::nullopt;
    asio::io_context loop;
    asio::ip::udp::socket socket{loop};
    asio::error_code error;
    socket.connect({*address, target.port}, error);
    if (error) return std::nullopt;
    const auto local = socket.local_endpoint(error);
    if (error) return std::nullopt;
    return to_endpoint(local).ip;
}

}  // namespace shoal::host
