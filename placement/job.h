// What is wanted: a job, its slots and what one replica needs. Travels as opaque bytes under
// "job/<name>" in the shared map; only placement and the API read it.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/result.h"
#include "placement/after.h"
#include "placement/files.h"
#include "placement/health.h"
#include "placement/mounts.h"
#include "placement/names.h"
#include "placement/process.h"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::placement {

struct Resources {
    std::uint32_t cpu_milli = 0;  // thousandths of a core
    std::uint64_t memory_bytes = 0;
    friend bool operator==(const Resources&, const Resources&) = default;
};

auto fields(Is<Resources> auto& v) {
    return std::tie(v.cpu_milli, v.memory_bytes);
}

// What an undeclared need reserves (architecture 4.3).
inline constexpr Resources kDefaultNeed{50, 64ULL << 20U};

struct PortWish {
    std::string host_ip{};        // empty = every address
    std::uint16_t host_port = 0;  // 0 = the node chooses
    std::uint16_t container_port = 0;
    Protocol protocol = Protocol::Tcp;
    PortReach reach = PortReach::Published;  // for the other nodes alone: host_ip is empty
    friend bool operator==(const PortWish&, const PortWish&) = default;
};

auto fields(Is<PortWish> auto& v) {
    return std::tie(v.host_ip, v.host_port, v.container_port, v.protocol, v.reach);
}

// As a `host_ip`.
[[nodiscard]] inline bool is_any_address(const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0";
}

// node.name, node.zone, node.labels.<key>
struct Constraint {
    enum class Op : std::uint8_t { Equals = 0, NotEquals = 1, Exists = 2 };

    std::string attribute{};
    Op op = Op::Equals;
    std::string value{};
    friend bool operator==(const Constraint&, const Constraint&) = default;

    [[nodiscard]] friend constexpr bool valid(Op kind) { return kind <= Op::Exists; }
};

auto fields(Is<Constraint> auto& v) {
    return std::tie(v.attribute, v.op, v.value);
}

inline constexpr std::size_t kImageNameMax = 512;

// All that shapes one container: its hash says whether a change restarts anything.
struct Template {
    std::string image{};
    std::vector<std::string> entrypoint{};
    std::vector<std::string> command{};
    std::map<std::string, std::string> environment{};
    std::map<std::string, std::string> labels{};
    Resources need{};
    std::vector<PortWish> ports{};
    std::uint32_t stop_grace_ms = 10'000;
    bool init = false;  // a process 1 of the node's in front of the program
    ProcessWish process{};
    std::vector<Mount> mounts{};
    std::vector<File> files{};
    HealthCheck health{};
    friend bool operator==(const Template&, const Template&) = default;
};

auto fields(Is<Template> auto& v) {
    return std::tie(v.image, v.entrypoint, v.command, v.environment, v.labels, v.need, v.ports,
                    v.stop_grace_ms, v.init, v.process, v.mounts, v.files, v.health);
}

enum class RestartPolicy : std::uint8_t { Always = 0, OnFailure = 1, Never = 2 };

[[nodiscard]] constexpr bool valid(RestartPolicy policy) {
    return policy <= RestartPolicy::Never;
}

enum class OnPartition : std::uint8_t { Replace = 0, Keep = 1 };

[[nodiscard]] constexpr bool valid(OnPartition policy) {
    return policy <= OnPartition::Keep;
}

enum class Reconcile : std::uint8_t { Oldest = 0, Newest = 1 };

[[nodiscard]] constexpr bool valid(Reconcile policy) {
    return policy <= Reconcile::Newest;
}

// What becomes of a slot whose node is lost and holds a volume of it: it waits for the node, or
// starts elsewhere with an empty one.
enum class OnVolumeLoss : std::uint8_t { Wait = 0, Recreate = 1 };

[[nodiscard]] constexpr bool valid(OnVolumeLoss policy) {
    return policy <= OnVolumeLoss::Recreate;
}

struct JobSpec {
    std::string name{};
    std::uint32_t replicas = 1;
    Template container{};
    std::vector<Constraint> constraints{};
    std::uint32_t per_node_max = 0;  // 0 = no limit
    RestartPolicy restart = RestartPolicy::Always;
    OnPartition on_partition = OnPartition::Replace;
    Reconcile reconcile = Reconcile::Oldest;
    std::uint64_t template_gen =
        0;  // the gen at which `container` last changed; set by the accepting node
    std::vector<std::string> spread{};  // attributes to be as different as can be, first ones first
    Naming naming{};
    OnVolumeLoss on_volume_loss = OnVolumeLoss::Wait;
    std::vector<After> after{};  // what the job waits for before it is first placed
    bool global =
        false;  // one replica on each node that holds the constraints, whatever `replicas` says
    friend bool operator==(const JobSpec&, const JobSpec&) = default;
};

auto fields(Is<JobSpec> auto& v) {
    return std::tie(v.name, v.replicas, v.container, v.constraints, v.per_node_max, v.restart,
                    v.on_partition, v.reconcile, v.template_gen, v.spread, v.naming,
                    v.on_volume_loss, v.after, v.global);
}

inline constexpr std::uint32_t kReplicasMax = 10'000;
inline constexpr std::size_t kPortsMax = 256;
inline constexpr std::size_t kConstraintsMax = 64;
inline constexpr std::size_t kConstraintBytesMax = 512;
inline constexpr std::size_t kSpreadMax = 8;
inline constexpr std::size_t kSpecTextMax = 64 * 1024;  // a promise keeps a copy of it
inline constexpr Resources kNeedMax{10'000'000,
                                    1ULL << 50U};  // of one replica: no machine is larger

// 1 to 128 lower-case letters, digits, '-', '_', in parts divided by '/': safe as a path.
[[nodiscard]] bool is_job_name(const std::string& name);

// Says what is wrong with a spec and what would be right; nothing if it is fine.
[[nodiscard]] Result<void> validate(const JobSpec& spec);

[[nodiscard]] std::uint64_t template_hash(const Template& container);

[[nodiscard]] Bytes encode_job(const JobSpec& spec);
[[nodiscard]] Result<JobSpec> decode_job(ByteView bytes);

// "job/<name>", the key of a job in the shared map.
[[nodiscard]] std::string job_key(const std::string& name);
[[nodiscard]] bool is_job_key(const std::string& key);

}  // namespace shoal::placement
