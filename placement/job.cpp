#include "placement/job.h"

#include "node/base/hash.h"
#include "node/base/trace.h"

#include <algorithm>

namespace shoal::placement {
namespace {

constexpr std::string_view kPrefix = "job/";
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kListMax = 1024;

bool name_fits(const std::string& name) {
    if (name.empty() || name.size() > kNameMax) return false;
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
    };
    if (!std::all_of(name.begin(), name.end(), good)) return false;
    return name.front() != '/' && name.back() != '/' && name.find("//") == std::string::npos;
}

}  // namespace

Result<void> validate(const JobSpec& spec) {
    if (!name_fits(spec.name)) {
        return fail(Errc::Malformed,
                    "name '" + spec.name.substr(0, 64) +
                        "': 1 to 128 lower-case letters, digits, '-', '_', parts divided by '/'");
    }
    if (spec.container.image.empty() || spec.container.image.size() > 512) {
        return fail(Errc::Malformed, "image: 1 to 512 characters");
    }
    if (spec.replicas > kReplicasMax) {
        return fail(Errc::TooLarge,
                    "replicas: " + std::to_string(spec.replicas) + " is over the limit of 10000");
    }
    const auto& container = spec.container;
    if (container.ports.size() > 256 || container.command.size() > kListMax ||
        container.entrypoint.size() > kListMax || container.environment.size() > kListMax ||
        container.labels.size() > kListMax || spec.constraints.size() > 64) {
        return fail(Errc::TooLarge, "more than 256 ports, 64 constraints or 1024 of another list");
    }
    for (const auto& port : container.ports) {
        if (port.container_port == 0) {
            return fail(Errc::Malformed, "ports: a container port is 1 to 65535");
        }
    }
    for (const auto& constraint : spec.constraints) {
        const auto& name = constraint.attribute;
        if (name != "node.name" && name != "node.zone" && !name.starts_with("node.labels.")) {
            return fail(Errc::Malformed, "constraints: '" + name +
                                             "' is not node.name, node.zone or node.labels.KEY");
        }
    }
    return {};
}

std::uint64_t template_hash(const Template& container) {
    TraceHash hash;
    hash.add(container);
    return hash.value();
}

std::string job_key(const std::string& name) {
    return std::string{kPrefix} + name;
}

bool is_job_key(const std::string& key) {
    return std::string_view{key}.starts_with(kPrefix);
}

}  // namespace shoal::placement
