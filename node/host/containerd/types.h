// What containerd knows, in plain structs: nothing outside this folder sees its generated types.
#pragma once

#include "node/host/oci/image.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::host::ctrd {

using Labels = std::map<std::string, std::string>;

// Where a task's output goes; a terminal has one.
struct TaskStreams {
    std::string out{};
    std::string err{};
    bool terminal = false;
};

struct Mount {
    std::string type{};
    std::string source{};
    std::string target{};
    std::vector<std::string> options{};
};

using Mounts = std::vector<Mount>;

struct ImageName {
    std::string name{};
    oci::Descriptor target{};
};

// A container is a record: what would run. Its task is what runs.
struct ContainerRecord {
    std::string id{};
    std::string image{};
    Labels labels{};
    std::string snapshotter{};
    std::string snapshot_key{};
    std::string spec{};       // OCI runtime spec
    std::string runc_root{};  // where runc keeps its state
};

enum class TaskState : std::uint8_t { Unknown, Created, Running, Stopped, Paused, Pausing };

struct Task {
    std::string id{};
    TaskState state = TaskState::Unknown;
    std::uint32_t pid = 0;
    std::uint32_t exit_code = 0;  // of a stopped one
};

// A process beside the one a container was made for.
struct ExecId {
    std::string container{};
    std::string exec{};
};

// What a task has used, and what became of it.
struct Usage {
    std::uint64_t cpu_ns = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t pids = 0;
    std::uint64_t oom_kills = 0;
};

struct Event {
    enum class Kind : std::uint8_t { Exit, Oom, Other } kind = Kind::Other;
    std::string container{};
};

}  // namespace shoal::host::ctrd
