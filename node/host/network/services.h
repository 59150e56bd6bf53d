// Services that containers of one project reach by name: what the network is told of them, and what
// it makes of that.
//
// Each service has an address of its own on this node, which no interface bears: a packet of a
// container of the same project to it is translated to one of the replicas. So a program that keeps
// an answer for ever is right for ever, whatever replicas come and go.
#pragma once

#include "node/host/network/publication.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::network {

// A port of a replica on another node, and the port of that node which leads to it.
struct FarPort {
    Protocol protocol = Protocol::Tcp;
    std::uint16_t container_port = 0;
    std::uint16_t host_port = 0;

    friend auto operator<=>(const FarPort&, const FarPort&) = default;
};

struct Replica {
    std::string container{};       // of this node: any port is reached; empty: elsewhere
    Ipv4 node{};                   // elsewhere: its address,
    std::vector<FarPort> ports{};  // and all that is reached there

    friend bool operator==(const Replica&, const Replica&) = default;
};

struct Service {
    std::string name{};
    std::vector<Replica> replicas{};  // those to send to; none: whoever asks is refused

    friend bool operator==(const Service&, const Service&) = default;
};

struct Project {
    std::string name{};
    std::vector<std::string> containers{};  // of this node; they alone reach its services
    std::vector<Service> services{};

    friend bool operator==(const Project&, const Project&) = default;
};

// ---- what follows from it

// Where packets may be sent; port 0: to the one they were sent to.
struct Target {
    Ipv4 address{};
    std::uint16_t port = 0;

    friend auto operator<=>(const Target&, const Target&) = default;
};

// The translation of one service.
struct Translation {
    using Port = std::pair<Protocol, std::uint16_t>;

    Ipv4 address{};                               // of the service
    std::vector<Ipv4> sources{};                  // who is translated
    std::map<Port, std::vector<Target>> ports{};  // known ones, wherever the replicas are
    std::vector<Target> any{};                    // the others: only what runs here

    friend bool operator==(const Translation&, const Translation&) = default;
};

// `address`: of the service; `here`: addresses of containers that are attached. What is not
// attached yet or no longer is left out.
[[nodiscard]] Translation translation_of(const Project& project, const Service& service,
                                         Ipv4 address, const std::map<std::string, Ipv4>& here);

}  // namespace shoal::network
