// What a service has in its environment and for labels: said in the file, or in files it names.
#pragma once

#include "node/compose/interpolate.h"
#include "node/compose/problem.h"
#include "node/compose/reading.h"
#include "node/compose/value.h"

#include <map>
#include <string>

namespace shoal::compose {

// `environment`, `env_file`. `variables`: of `.env` and of where the command runs.
[[nodiscard]] std::map<std::string, std::string> read_environment(const Value& service,
                                                                  const Variables& variables,
                                                                  const FileReader& read,
                                                                  Problems& problems);

// `labels`, `label_file`.
[[nodiscard]] std::map<std::string, std::string> read_labels(const Value& service,
                                                             const Variables& variables,
                                                             const FileReader& read,
                                                             Problems& problems);

}  // namespace shoal::compose
