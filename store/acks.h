// Client writes that wait for others to have them on disk (architecture 4.2, W-acknowledgement).
#pragma once

#include "node/base/id.h"
#include "node/base/time.h"
#include "store/records.h"
#include "store/types.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace shoal::store {

using Peers = std::map<NodeId, Standing>;

class Acks {
public:
    struct Waiting {
        std::uint64_t request = 0;
        std::string key{};
        VersionId version = 0;
        std::uint64_t gen = 0;
        std::uint32_t wanted = 1;  // copies, ours included
        bool demanded = false;     // by --acks: fewer is a failure
        Instant deadline = kNever;
        std::set<NodeId> from{};
    };

    void wait(Waiting waiting) { waiting_.push_back(std::move(waiting)); }

    void heard(const NodeId& from, const std::string& key, VersionId version);

    // Those that can be answered now, with what was reached.
    [[nodiscard]] std::vector<WriteDone> finished(Instant now, const Peers& peers);

    [[nodiscard]] Instant wakeup() const;

private:
    std::vector<Waiting> waiting_;
};

}  // namespace shoal::store
