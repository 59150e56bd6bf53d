#include "node/host/network/host_ports.h"

#include "node/base/check.h"

namespace shoal::network {
namespace {

std::uint32_t size_of(PortRange range) {
    return 1U + range.last - range.first;
}

bool meet(const Publication& one, const Publication& other) {
    return one.protocol == other.protocol && one.host_port == other.host_port &&
           (one.host == other.host || one.host.is_any() || other.host.is_any());
}

}  // namespace

HostPorts::HostPorts(PortRange range, std::uint64_t seed)
    : range_(range), next_(static_cast<std::uint32_t>(seed % size_of(range))) {
    SHOAL_CHECK(range.first > 0 && range.first <= range.last);
}

Result<std::vector<Publication>> HostPorts::take(const std::string& container,
                                                 const std::vector<PortRequest>& requests) {
    std::vector<Publication> out;
    Held held;
    for (const PortRequest& request : requests) {
        const Publication wanted{request.host, request.protocol, request.host_port,
                                 request.container_port, request.members_only};
        if (wanted.container_port == 0) {
            return fail(Errc::Malformed, "a published port lacks the container's port");
        }
        const auto taken =
            wanted.host_port == 0 ? take_dynamic(wanted, held) : take_one(wanted, held);
        if (!taken) return fail(taken.error());
        out.push_back(*taken);
    }
    held_[container] = std::move(held);
    return out;
}

Result<Publication> HostPorts::take_one(Publication wanted, Held& held) {
    auto port = HostPort::take(wanted);
    if (!port) {
        const std::string owner = owner_of(wanted);
        if (port.error().code != Errc::Conflict || owner.empty()) return fail(port.error());
        return fail(Errc::Conflict, to_string(wanted) + " is published by container " + owner);
    }
    held.emplace(wanted, std::move(*port));
    return wanted;
}

Result<Publication> HostPorts::take_dynamic(Publication wanted, Held& held) {
    for (std::uint32_t tried = 0; tried < size_of(range_); ++tried) {
        wanted.host_port = static_cast<std::uint16_t>(range_.first + next_);
        next_ = (next_ + 1) % size_of(range_);
        auto taken = take_one(wanted, held);
        if (taken || taken.error().code != Errc::Conflict) return taken;
    }
    return fail(Errc::Full, "all ports from " + std::to_string(range_.first) + " to " +
                                std::to_string(range_.last) + "/" + to_string(wanted.protocol) +
                                " are in use on this host");
}

std::vector<Publication> HostPorts::adopt(const std::string& container,
                                          const std::vector<Publication>& ports) {
    std::vector<Publication> bound_by_others;
    for (const Publication& port : ports) {
        auto taken = HostPort::take(port);
        if (taken) {
            held_[container].emplace(port, std::move(*taken));
        } else {
            bound_by_others.push_back(port);
        }
    }
    return bound_by_others;
}

void HostPorts::release(const std::string& container) {
    held_.erase(container);
}

std::string HostPorts::owner_of(const Publication& port) const {
    for (const auto& [container, held] : held_) {
        for (const auto& entry : held) {
            if (meet(entry.first, port)) return container;
        }
    }
    return {};
}

}  // namespace shoal::network
