// Ports of a container that the host answers for.
#pragma once

#include "node/base/result.h"
#include "node/host/network/ipv4.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace shoal::network {

enum class Protocol : std::uint8_t { Tcp = 6, Udp = 17 };  // as in the IP header

[[nodiscard]] constexpr const char* to_string(Protocol protocol) {
    return protocol == Protocol::Tcp ? "tcp" : "udp";
}

// What a container asks for.
struct PortRequest {
    Ipv4 host{};                  // any = every address of the host
    std::uint16_t host_port = 0;  // 0 = one of the dynamic range
    std::uint16_t container_port = 0;
    Protocol protocol = Protocol::Tcp;
    bool members_only = false;  // answers nodes of the cluster alone
};

// What it has. `host` 127.0.0.1 stays on this host.
struct Publication {
    Ipv4 host{};
    Protocol protocol = Protocol::Tcp;
    std::uint16_t host_port = 0;
    std::uint16_t container_port = 0;
    bool members_only = false;

    friend auto operator<=>(const Publication&, const Publication&) = default;
};

// A publication together with the container it leads to: one line of the translation maps.
struct Mapping {
    Publication port{};
    Ipv4 container{};

    friend auto operator<=>(const Mapping&, const Mapping&) = default;
};

// "127.0.0.1:9876/tcp", "port 8080/udp on every address", "port 20001/tcp for members".
[[nodiscard]] std::string to_string(const Publication& port);

// First and last included.
struct PortRange {
    std::uint16_t first = 20'000;
    std::uint16_t last = 32'767;  // below what the kernel hands out itself
};

// What is kept of a container between runs, as a small JSON file beside its namespace.
struct Record {
    std::string container{};
    Ipv4 address{};
    std::vector<Publication> ports{};

    friend bool operator==(const Record&, const Record&) = default;
};

[[nodiscard]] std::string write_record(const Record& record);
// Malformed: `path` is for the message.
[[nodiscard]] Result<Record> read_record(const std::string& text, const std::string& path);

}  // namespace shoal::network
