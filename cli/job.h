// One job, for every command that shows or changes one.
#pragma once

#include "cli/context.h"

#include <cstdint>
#include <optional>
#include <string>

namespace shoal::cli {

// "/v1/jobs/web"
[[nodiscard]] std::string job_path(const std::string& name);

// All about one, and where its replicas run.
Outcome<View> job_view(Context& context, const std::string& name);

struct ReplicaWord {
    std::string job{};
    std::optional<std::uint64_t> slot{};
};

// "web" or "web.2"; no job has a dot in its name.
[[nodiscard]] ReplicaWord replica_word(const std::string& word);

struct ScaleWord {
    std::string name{};
    std::uint64_t replicas = 0;
};

// "web=4"
Outcome<ScaleWord> parse_scale(const std::string& word);

[[nodiscard]] Request scale_request(const ScaleWord& word);
[[nodiscard]] Request removal_request(const std::string& name);

}  // namespace shoal::cli
