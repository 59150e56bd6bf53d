#include "placement/job.h"

#include "node/base/hash.h"
#include "node/base/trace.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::placement {
namespace {

constexpr std::string_view kPrefix = "job/";
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kListMax = 1024;

std::size_t text_of(const JobSpec& spec) {
    const Template& container = spec.container;
    std::size_t out = spec.name.size() + container.image.size();
    for (const auto* list : {&container.entrypoint, &container.command}) {
        for (const auto& item : *list) {
            out += item.size();
        }
    }
    for (const auto* table : {&container.environment, &container.labels}) {
        for (const auto& [key, value] : *table) {
            out += key.size() + value.size();
        }
    }
    for (const auto& port : container.ports) {
        out += port.host_ip.size();
    }
    for (const auto& attribute : spec.spread) {
        out += attribute.size();
    }
    for (const auto& alias : spec.naming.aliases) {
        out += alias.size();
    }
    for (const auto& [name, job] : spec.naming.links) {
        out += name.size() + job.size();
    }
    for (const auto& word : container.health.test) {
        out += word.size();
    }
    return out + text_of(container.process) + text_size(container.mounts) +
           text_size(container.files);
}

bool is_attribute(const std::string& name) {
    constexpr std::string_view kLabels = "node.labels.";
    return name == "node.name" || name == "node.zone" ||
           (name.starts_with(kLabels) && name.size() > kLabels.size());
}

Result<void> validate_spread(const JobSpec& spec) {
    if (spec.spread.size() > kSpreadMax) return fail(Errc::TooLarge, "spread: more than 8");
    for (const auto& name : spec.spread) {
        if (is_attribute(name)) continue;
        return fail(Errc::Malformed, "spread: '" + name.substr(0, 64) +
                                         "' is not node.name, node.zone or node.labels.KEY");
    }
    return {};
}

Result<void> validate_after(const JobSpec& spec) {
    if (spec.after.size() > kAfterMax) {
        return fail(Errc::TooLarge, "after: more than 64 jobs to wait for");
    }
    std::set<std::string> named;
    for (const After& after : spec.after) {
        if (!is_job_name(after.job)) {
            return fail(Errc::Malformed,
                        "after: '" + after.job.substr(0, 64) + "' is no name of a job");
        }
        if (after.job == spec.name) {
            return fail(Errc::Malformed, "after: '" + after.job + "' would wait for itself");
        }
        if (!named.insert(after.job).second) {
            return fail(Errc::Malformed, "after: '" + after.job + "' is there twice");
        }
    }
    return {};
}

}  // namespace

bool is_job_name(const std::string& name) {
    if (name.empty() || name.size() > kNameMax) return false;
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
    };
    if (!std::all_of(name.begin(), name.end(), good)) return false;
    return name.front() != '/' && name.back() != '/' && name.find("//") == std::string::npos;
}

Result<void> validate(const JobSpec& spec) {
    if (!is_job_name(spec.name)) {
        return fail(Errc::Malformed,
                    "name '" + spec.name.substr(0, 64) +
                        "': 1 to 128 lower-case letters, digits, '-', '_', parts divided by '/'");
    }
    if (spec.container.image.empty() || spec.container.image.size() > kImageNameMax) {
        return fail(Errc::Malformed, "image: 1 to 512 characters");
    }
    if (spec.replicas > kReplicasMax) {
        return fail(Errc::TooLarge,
                    "replicas: " + std::to_string(spec.replicas) + " is over the limit of 10000");
    }
    const auto& container = spec.container;
    if (container.ports.size() > kPortsMax || container.command.size() > kListMax ||
        container.entrypoint.size() > kListMax || container.environment.size() > kListMax ||
        container.labels.size() > kListMax || spec.constraints.size() > kConstraintsMax) {
        return fail(Errc::TooLarge, "more than 256 ports, 64 constraints or 1024 of another list");
    }
    for (const auto& port : container.ports) {
        if (port.container_port == 0) {
            return fail(Errc::Malformed, "ports: a container port is 1 to 65535");
        }
    }
    if (auto good = validate(container.process, container.need.memory_bytes); !good) return good;
    if (auto good = validate_spread(spec); !good) return good;
    if (auto named = validate(spec.naming); !named) return named;
    if (auto fault = fault_of(container.mounts); !fault.empty()) {
        return fail(Errc::Malformed, std::move(fault));
    }
    for (const Mount& mount : container.mounts) {
        if (!spec.global || !mount.shared) continue;
        return fail(Errc::Malformed, "mounts: volume '" + mount.source +
                                         "' is shared, so on one node, and a global job is for "
                                         "every node; without 'shared' each has its own");
    }
    if (auto fault = fault_of(container.files); !fault.empty()) {
        return fail(Errc::Malformed, std::move(fault));
    }
    if (text_of(spec) > kSpecTextMax) {
        return fail(Errc::TooLarge,
                    "more than 64 KiB of text in one job, its configs and secrets included");
    }
    if (container.need.cpu_milli > kNeedMax.cpu_milli ||
        container.need.memory_bytes > kNeedMax.memory_bytes) {
        return fail(Errc::TooLarge, "need: over 10000 cores or 1 PiB of memory");
    }
    for (const auto& constraint : spec.constraints) {
        const auto& name = constraint.attribute;
        if (name.size() + constraint.value.size() > kConstraintBytesMax) {
            return fail(Errc::TooLarge, "constraints: one is over 512 characters");
        }
        if (name != "node.name" && name != "node.zone" && !name.starts_with("node.labels.")) {
            return fail(Errc::Malformed, "constraints: '" + name +
                                             "' is not node.name, node.zone or node.labels.KEY");
        }
    }
    if (auto good = validate(container.health); !good) return good;
    return validate_after(spec);
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
