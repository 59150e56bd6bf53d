// What a service publishes: short and long forms, ranges, addresses.
#pragma once

#include "node/compose/reading.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::compose {

struct Port {
    std::string host_ip{};        // empty: every address
    std::uint16_t host = 0;       // 0: the node chooses
    std::uint16_t container = 0;  //
    bool udp = false;
    friend bool operator==(const Port&, const Port&) = default;
};

// As the API writes it: "127.0.0.1:8080:80/udp".
[[nodiscard]] std::string to_string(const Port& port);

// One of each; a range is as many as it spans.
std::vector<Port> read_ports(const Value& value, Problems& problems);

// Of `expose`: ports of the container alone, as the API writes them: "80", "53/udp".
std::vector<std::string> read_exposed(const Value& value, Problems& problems);

}  // namespace shoal::compose
