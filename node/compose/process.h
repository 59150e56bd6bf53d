// How a service's program runs and what it may do: the member "process" of its job (docs/api.md).
#pragma once

#include "node/compose/json.h"
#include "node/compose/reading.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::compose {

struct Process {
    std::map<std::string, Json> members{};  // those that are said
    // Places that ask for more than a container may have on a node that allows no privileges.
    std::vector<Problem> privileges{};
};

// `memory`: the service's limit, 0 if it has none.
Process read_process(const Member& service, std::uint64_t memory, Problems& problems);

}  // namespace shoal::compose
