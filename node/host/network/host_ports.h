// Which container has which ports of the host, and choosing those nobody named.
#pragma once

#include "node/host/network/host_port.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::network {

class HostPorts {
public:
    // `seed` decides where in the range the search for dynamic ports begins.
    HostPorts(PortRange range, std::uint64_t seed);

    // All or none. Conflict: taken, by a container that is named or by a stranger. Full: no dynamic
    // port is left. The publications are in the order of the requests.
    [[nodiscard]] Result<std::vector<Publication>> take(const std::string& container,
                                                        const std::vector<PortRequest>& requests);

    // After a restart: what the container has already. Returns the ports that could not be kept
    // from others because somebody is bound to them.
    [[nodiscard]] std::vector<Publication> adopt(const std::string& container,
                                                 const std::vector<Publication>& ports);

    void release(const std::string& container);

private:
    using Held = std::map<Publication, HostPort>;

    [[nodiscard]] Result<Publication> take_one(Publication wanted, Held& held);
    [[nodiscard]] Result<Publication> take_dynamic(Publication wanted, Held& held);
    [[nodiscard]] std::string owner_of(const Publication& port) const;  // empty: none of ours

    PortRange range_;
    std::uint32_t next_;  // offset in the range
    std::map<std::string, Held> held_;
};

}  // namespace shoal::network
