// One whole node, pure: membership, store and placement composed into one deterministic machine.
//
// It only routes: an effect of one machine becomes an input of another (a member's change, a claim
// for the own log, a job's new version), or an effect for the driver. Whatever decides anything is
// a machine with a name of its own, in a folder of its own.
//
// The driver's law, numbered in both drivers: (1) wait for a packet, a finished job, a request or
// the wakeup; (2) read the clock once; (3) step with exactly one input; (4) carry out the effects
// in order; (5) arm the timer for wakeup(); (6) back to 1.
#pragma once

#include "membership/membership.h"
#include "node/agent/types.h"
#include "node/base/random.h"
#include "node/base/signer.h"
#include "placement/placement.h"
#include "store/store.h"

#include <cstdint>

namespace shoal::agent {

struct Config {
    membership::Config membership{};
    store::Config store{};
    placement::Config placement{};
};

class Agent {
public:
    // `boot`: a fresh random number per process start. `rows`: all the journal holds. `signer` must
    // outlive the agent.
    struct Identity {
        NodeId self{};
        std::uint64_t boot = 0;
    };

    Agent(Identity identity, const Config& config, Random random, const Signer& signer,
          const Snapshot& rows);

    // The only way in. `now` never runs backwards.
    Effects step(Instant now, const Input& input);

    // When step(Tick) is due next; early and repeated ticks are harmless.
    [[nodiscard]] Instant wakeup() const;

    // For answers to people and for oracles; never for decisions outside.
    [[nodiscard]] const membership::Membership& membership() const { return membership_; }

    [[nodiscard]] const store::Store& store() const { return store_; }

    [[nodiscard]] const placement::Placement& placement() const { return placement_; }

    [[nodiscard]] NodeId self() const { return self_; }

private:
    NodeId self_;
    membership::Membership membership_;
    store::Store store_;
    placement::Placement placement_;
};

}  // namespace shoal::agent
