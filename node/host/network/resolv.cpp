#include "node/host/network/resolv.h"

#include "node/host/network/files.h"

#include <sstream>

namespace shoal::network {
namespace {

// The C library reads no more than three.
constexpr std::size_t kServersMax = 3;

struct Parsed {
    std::vector<std::string> usable{};  // servers a container can reach
    std::size_t unusable = 0;
    std::vector<std::string> others{};  // search, domain, options: lines kept as they are
};

Parsed parse(const std::string& text) {
    Parsed out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string word;
        std::string value;
        words >> word >> value;
        if (word == "nameserver") {
            const auto address = parse_ipv4(value);
            if (address && !address->is_loopback() && !address->is_any()) {
                out.usable.push_back(value);
            } else {
                ++out.unusable;
            }
        } else if (word == "search" || word == "domain" || word == "options") {
            out.others.push_back(line);
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out;
}

std::string read_or_empty(const std::string& path) {
    return read_file(path).value_or("");
}

}  // namespace

ResolvConf resolv_conf(const ResolvSources& sources) {
    const Parsed etc = parse(sources.etc);
    ResolvConf out;
    out.servers = etc.usable;
    std::vector<std::string> others = etc.others;
    if (out.servers.empty()) {
        const Parsed upstream = parse(sources.upstream);
        out.servers = upstream.usable;
        if (others.empty()) others = upstream.others;
        out.remark =
            "the host's name servers cannot be reached from containers; they use its "
            "resolver's own: " +
            joined(out.servers);
    }
    if (out.servers.empty()) {
        out.servers = sources.fallback;
        out.remark = "the host names no name server that containers can reach; they use " +
                     joined(out.servers);
    }
    if (out.servers.size() > kServersMax) out.servers.resize(kServersMax);
    for (const std::string& server : out.servers)
        out.text += "nameserver " + server + "\n";
    for (const std::string& line : others)
        out.text += line + "\n";
    return out;
}

std::string with_wishes(const std::string& text, const ResolverWish& wish) {
    const bool no_search = wish.search == std::vector<std::string>{"."};
    std::string out;
    const auto line = [&](const std::string& word, const std::vector<std::string>& values) {
        if (values.empty()) return;
        out += word;
        for (const std::string& value : values)
            out += " " + value;
        out += "\n";
    };
    for (const std::string& server : wish.servers)
        line("nameserver", {server});
    std::istringstream lines{text};
    for (std::string kept; std::getline(lines, kept);) {
        const auto word = kept.substr(0, kept.find_first_of(" \t"));
        const bool replaced = word == "nameserver" ? !wish.servers.empty()
                              : word == "options"  ? !wish.options.empty()
                                                   : !wish.search.empty();
        if (!replaced) out += kept + "\n";
    }
    if (!no_search) line("search", wish.search);
    line("options", wish.options);
    return out;
}

ResolvSources read_resolv_sources(const std::string& etc, const std::string& upstream) {
    ResolvSources out;
    out.etc = read_or_empty(etc);
    out.upstream = read_or_empty(upstream);
    return out;
}

std::string hosts_file(const std::string& hostname, Ipv4 address,
                       const std::vector<HostName>& more) {
    std::string out = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    if (!hostname.empty()) out += to_string(address) + "\t" + hostname + "\n";
    for (const HostName& entry : more)
        out += to_string(entry.address) + "\t" + entry.name + "\n";
    return out;
}

std::string extra_hosts(const std::vector<std::string>& entries, Ipv4 gateway) {
    std::string out;
    for (const std::string& entry : entries) {
        const auto equals = entry.find('=');
        if (equals == std::string::npos) continue;
        const auto address = entry.substr(equals + 1);
        out += (address == "host-gateway" ? to_string(gateway) : address) + "\t" +
               entry.substr(0, equals) + "\n";
    }
    return out;
}

}  // namespace shoal::network
