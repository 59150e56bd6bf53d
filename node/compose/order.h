// What services wait for: `depends_on` in its forms, and the order that comes of it.
#pragma once

#include "node/compose/reading.h"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace shoal::compose {

struct Dependency {
    std::string service{};
    Mark mark{};
    std::string condition = "service_started";
    bool required = true;
    friend bool operator==(const Dependency&, const Dependency&) = default;
};

std::vector<Dependency> read_dependencies(const Value& value, Problems& problems);

struct Service;

// Those of the services that run, without what is neither required nor run. Complains of what is
// required and not run, of circles, and of waiting for the end of what is always started again.
void settle_order(std::vector<Service>& services, const std::set<std::string>& inactive,
                  Problems& problems);

// Each after those it depends on, else as in the file. For settled services.
[[nodiscard]] std::vector<const Service*> in_order(const std::vector<Service>& services);

// "service_healthy" as the API has it: "healthy".
[[nodiscard]] std::string condition_word(const std::string& condition);

}  // namespace shoal::compose
