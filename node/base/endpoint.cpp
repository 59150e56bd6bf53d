#include "node/base/endpoint.h"

namespace shoal {

std::string to_string(const Endpoint& endpoint) {
    const bool v6 = endpoint.ip.find(':') != std::string::npos;
    std::string out = v6 ? "[" + endpoint.ip + "]" : endpoint.ip;
    out += ':';
    out += std::to_string(endpoint.port);
    return out;
}

}  // namespace shoal
