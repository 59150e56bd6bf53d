// Draws faults from the seed, swarm style: each run has its own mix of what can go wrong, because a
// run with every fault at once rarely reaches the state that two of them would.
#pragma once

#include "chaos/cluster.h"
#include "chaos/oracles.h"

#include <cstdint>
#include <vector>

namespace shoal::chaos {

struct Faults {
    bool kill_agents = true;
    bool kill_hosts = true;
    bool partitions = true;
    bool one_way = true;
    bool pauses = true;
    bool full_disks = true;
    bool rollbacks = true;
    bool clock_jumps = true;
    bool weather = true;
    bool leaves = true;     // one node leaves for good
    bool lost_host = true;  // one host never comes back, also not when all else is healed
    bool forgeries = true;  // somebody passes on another's log with facts of his own making
    bool runtimes = true;   // a runtime goes away for a while
    bool low_disks = true;  // a disk is nearly full for a while
    bool illnesses = true;  // a replica's check fails until it is started again

    // A random subset; killing and partitioning are never both left out.
    static Faults draw(Random& random);
};

class Nemesis {
public:
    Nemesis(Cluster& cluster, Oracles& oracles, const Faults& faults, Random random);

    // Faults from now until `end`.
    void run_until(Instant end);
    // Everything whole again: links, disks, weather, and every machine that has not left is up.
    void heal();

private:
    void strike(Instant end);
    void next(Instant end);
    void kill(bool host);
    void partition();
    void one_way();
    void pause();
    void fill_disk();
    void roll_back();
    void jump_clock();
    void change_weather();
    void leave();
    void lose_host();
    void forge();
    void trouble_runtime();
    void run_low();
    void sicken();
    [[nodiscard]] bool can_spare_one() const;
    [[nodiscard]] Host any();
    [[nodiscard]] Duration between(std::uint64_t from_ms, std::uint64_t to_ms);

    Cluster& cluster_;
    Oracles& oracles_;
    Faults faults_;
    Random random_;
    Weather calm_;
    bool rolled_back_ = false;
    bool healed_ = false;
    bool left_ = false;
};

}  // namespace shoal::chaos
