// One service of a file, in the words of the job it becomes (docs/api.md, "Jobs").
#pragma once

#include "node/compose/health.h"
#include "node/compose/interpolate.h"
#include "node/compose/mounts.h"
#include "node/compose/names.h"
#include "node/compose/order.h"
#include "node/compose/placement.h"
#include "node/compose/ports.h"
#include "node/compose/process.h"
#include "node/compose/reading.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace shoal::compose {

struct Service {
    std::string name{};
    Mark mark{};
    std::vector<std::string> profiles{};

    std::string image{};
    std::vector<std::string> entrypoint{};
    std::vector<std::string> command{};
    Variables environment{};
    std::map<std::string, std::string> labels{};
    std::vector<Port> ports{};
    Names names{};
    std::uint32_t replicas = 1;
    bool global = false;          // one on each node instead
    std::uint32_t cpu_milli = 0;  // 0: not said
    std::uint64_t memory = 0;
    Placement placed{};
    std::string restart = "never";  // the specification's "no"
    std::string on_partition = "replace";
    std::string reconcile = "oldest";
    std::uint32_t stop_grace_ms = 10'000;
    bool init = false;
    Process process{};
    std::vector<Mount> mounts{};
    std::vector<File> files{};
    std::string on_volume_node_loss = "wait";
    std::vector<Finding> refused{};  // by what a key says
    Health health{};
    std::vector<Dependency> after{};
};

struct Surroundings {
    const Variables& variables;  // of `.env` and of where the command runs
    const FileReader& read;
    std::string project{};
    const Value& root;  // the whole file
};

// `remarks`: what is honoured in a way worth a word.
Service read_service(const Member& member, const Surroundings& around, Problems& problems,
                     std::vector<Problem>& remarks);

}  // namespace shoal::compose
