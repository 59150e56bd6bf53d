// How the services of a project find one another: a job "shop/db" is what its siblings in "shop"
// call "db", on every node. A job without a "/" has no siblings.
#pragma once

#include "node/base/fields.h"
#include "node/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace shoal::placement {

struct JobSpec;

enum class Protocol : std::uint8_t { Tcp = 0, Udp = 1 };

[[nodiscard]] constexpr bool valid(Protocol protocol) {
    return protocol <= Protocol::Udp;
}

// Whom a port of a replica is there for, beside the containers of its own node.
enum class PortReach : std::uint8_t {
    Published = 0,  // everybody
    Exposed = 1,    // the other nodes, for the job's siblings there
    Implied = 2,    // the same, though the job does not say so: its image does, or it is published
                    // at one address alone, which the other nodes may not reach
};

[[nodiscard]] constexpr bool valid(PortReach reach) {
    return reach <= PortReach::Implied;
}

// A port of a container.
struct PlainPort {
    std::uint16_t number = 0;
    Protocol protocol = Protocol::Tcp;
    friend auto operator<=>(const PlainPort&, const PlainPort&) = default;
};

auto fields(Is<PlainPort> auto& v) {
    return std::tie(v.number, v.protocol);
}

// "80/tcp"
[[nodiscard]] std::string to_string(const PlainPort& port);

// What the job is called beside its own name, and what it calls others. Shapes no container: a
// change restarts nothing.
struct Naming {
    std::vector<std::string> aliases{};          // for all siblings
    std::map<std::string, std::string> links{};  // for its own containers: name -> job
    friend bool operator==(const Naming&, const Naming&) = default;
};

auto fields(Is<Naming> auto& v) {
    return std::tie(v.aliases, v.links);
}

inline constexpr std::size_t kAliasesMax = 64;

// "shop" of "shop/db"; empty if it is in none.
[[nodiscard]] std::string_view project_of(std::string_view job);
// "db" of "shop/db".
[[nodiscard]] std::string_view service_of(std::string_view job);

[[nodiscard]] Result<void> validate(const Naming& naming);

// Sets the ports that are implied, in place of those that were. `image`: what the image exposes.
void imply_ports(JobSpec& spec, const std::vector<PlainPort>& image);

}  // namespace shoal::placement
