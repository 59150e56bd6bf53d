// What a container finds in /etc/resolv.conf and /etc/hosts.
//
// A loopback name server of the host (a stub such as 127.0.0.53) is a loopback of the container
// when read inside it, where nobody listens. The stub's own upstream servers take its place, or,
// if there are none, servers that are named openly.
#pragma once

#include "node/base/result.h"
#include "node/host/network/ipv4.h"

#include <string>
#include <utility>
#include <vector>

namespace shoal::network {

struct ResolvSources {
    std::string etc{};       // /etc/resolv.conf
    std::string upstream{};  // /run/systemd/resolve/resolv.conf; empty where there is none
    std::vector<std::string> fallback{"9.9.9.9", "1.1.1.1"};
};

struct ResolvConf {
    std::string text{};
    std::vector<std::string> servers{};
    // How `servers` differ from the host's, for the log; empty: they do not.
    std::string remark{};
};

// IPv6 servers are left out too: a container has no IPv6. Searches and options stay.
[[nodiscard]] ResolvConf resolv_conf(const ResolvSources& sources);

// What a job wants instead of the node's; empty: the node's.
struct ResolverWish {
    std::vector<std::string> servers{};
    std::vector<std::string> search{};  // "." alone: none
    std::vector<std::string> options{};
};

// The text of a resolv.conf with what is wished in the place of what stands there.
[[nodiscard]] std::string with_wishes(const std::string& text, const ResolverWish& wish);

// Reads the host's files. A file that is missing counts as empty.
[[nodiscard]] ResolvSources read_resolv_sources(
    const std::string& etc = "/etc/resolv.conf",
    const std::string& upstream = "/run/systemd/resolve/resolv.conf");

struct HostName {
    std::string name{};
    Ipv4 address{};
};

// localhost, the container itself and what the job adds, in this order.
[[nodiscard]] std::string hosts_file(const std::string& hostname, Ipv4 address,
                                     const std::vector<HostName>& more);

// Lines for the end of a hosts file, of "name=address"; "host-gateway" is the node itself.
[[nodiscard]] std::string extra_hosts(const std::vector<std::string>& entries, Ipv4 gateway);

}  // namespace shoal::network
