// One simulated machine: its agent process, its disk, its containers, its clocks.
#pragma once

#include "chaos/disk.h"
#include "chaos/network.h"
#include "chaos/sim_signer.h"
#include "node/agent/agent.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shoal::chaos {

enum class Power : std::uint8_t {
    On,         // the agent runs
    AgentDown,  // the host is up and refuses connections; containers run
    HostDown,   // nothing answers, nothing runs
};

struct Container {
    placement::Resources need{};
    std::string image{};
    std::vector<placement::VolumeId> volumes{};
    placement::HealthCheck check{};  // resolved
    bool sick = false;               // its check fails from now on
    bool passed = false;             // its check has, since it started
};

struct Machine {
    explicit Machine(Host number) : host(number), signer(number) {
        id = signer.id_of(signer.public_key());
    }

    Host host = 0;
    SimSigner signer;
    NodeId id{};
    Endpoint endpoint{};
    placement::NodeFacts facts{};

    Power power = Power::HostDown;
    bool paused = false;
    bool leaving = false;  // was told to leave, and is not back
    bool left = false;
    bool lost = false;           // never comes back
    std::uint64_t instance = 0;  // counts process starts; what was meant for an earlier one is lost
    std::uint64_t boot = 0;
    std::unique_ptr<agent::Agent> agent{};
    Instant armed_for = kNever;
    std::deque<agent::Input> backlog{};  // while paused

    std::string
        runtime_trouble{};   // why the runtime starts, stops and lists nothing; empty: it does
    std::string low_disk{};  // which disk is nearly full
    Disk disk{};
    Instant synced_until{};  // when the last batch asked for is durable
    std::map<placement::ContainerId, Container> containers{};  // running now
    std::set<placement::VolumeId> volumes{};                   // directories; they outlive all else
    // A runtime does what it is asked about one container in the order it was asked.
    std::map<placement::ContainerId, Instant> runtime_busy_until{};
    std::int64_t wall_skew_ms = 0;
    // Hosts we have an open connection to.
    std::set<Host> connected{};
    std::map<Host, Instant> last_arrival{};  // streams keep order

    [[nodiscard]] bool runs() const { return power == Power::On && agent != nullptr; }
};

}  // namespace shoal::chaos
