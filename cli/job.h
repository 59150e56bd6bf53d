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
    std::string node{};  // instead of `slot`: whose replica of a global job

    [[nodiscard]] bool is_one() const { return slot || !node.empty(); }
};

// "web", "web.2" or "logs@b"; no job has a dot or an @ in its name.
[[nodiscard]] ReplicaWord replica_word(const std::string& word);

// The one replica a word means, as the job has it now. `wanted`: what for.
[[nodiscard]] Outcome<Json> find_replica(Context& context, const ReplicaWord& word,
                                         const std::string& wanted);

struct ScaleWord {
    std::string name{};
    std::uint64_t replicas = 0;
};

// "web=4"
Outcome<ScaleWord> parse_scale(const std::string& word);

[[nodiscard]] Request scale_request(const ScaleWord& word);
[[nodiscard]] Request removal_request(const std::string& name);

}  // namespace shoal::cli
