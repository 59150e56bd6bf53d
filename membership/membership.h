// SWIM membership for one node: who is in the cluster, and who has fallen silent.
//
// A pure state machine (architecture 3, 4.1): told the time and what arrived, it answers with what
// to send and what changed. See Das, Gupta, Motivala, "SWIM" (2002) and Dadgar, Phillips, Currey,
// "Lifeguard" (2018).
#pragma once

#include "membership/claim.h"
#include "membership/types.h"
#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/standing.h"
#include "node/base/time.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace shoal::membership {

// What is believed of one node, for people and for the other machines.
struct Member {
    Claim claim{};
    Standing standing = Standing::Alive;
    Instant since{};         // when it got this standing, on our clock
    Duration rtt{};          // smoothed round trip; zero = not measured
    bool announced = false;  // it said it would restart
};

struct Config {
    Duration period = std::chrono::milliseconds{500};  // T', one probe each
    Duration direct_timeout = std::chrono::milliseconds{200};
    std::uint32_t indirect_probes = 3;    // k
    std::uint32_t suspicion_factor = 4;   // x max(1, log10 N) x T'
    std::uint32_t retransmit_factor = 4;  // x ceil(log10(N + 1)) sends per claim
    Duration gossip_interval = std::chrono::milliseconds{100};
    std::uint32_t gossip_fanout = 4;
    Duration seed_retry_min = std::chrono::milliseconds{500};
    Duration seed_retry_max = std::chrono::seconds{15};
    Duration table_interval = std::chrono::seconds{5};  // at most one table exchange per this
    std::uint64_t incarnation_block = 1024;
    std::size_t members_max = 20'000;  // a peer cannot make us remember more
};

}  // namespace shoal::membership
