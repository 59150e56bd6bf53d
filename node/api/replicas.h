// How people call the replicas of a job: "web.2"; of a job for every node "logs@b", by the node.
#pragma once

#include <cstdint>
#include <string>

namespace shoal::api {

// The slots of a job are counted from 0. From here on a number means one node.
inline constexpr std::uint32_t kReplicasMax = 10'000;

// `node` is left out where the number says all.
[[nodiscard]] std::string replica_name(const std::string& job, std::uint64_t slot,
                                       const std::string& node);

}  // namespace shoal::api
