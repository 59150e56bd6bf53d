#include "node/api/replicas.h"

namespace shoal::api {

std::string replica_name(const std::string& job, std::uint64_t slot, const std::string& node) {
    return slot < kReplicasMax ? job + "." + std::to_string(slot) : job + "@" + node;
}

}  // namespace shoal::api
