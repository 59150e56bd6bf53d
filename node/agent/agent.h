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
#include <deque>
#include <variant>

namespace shoal::agent {

struct Config {
    membership::Config membership{};
    store::Config store{};
    placement::Config placement{};
};

class Agent {
public:
    struct Identity {
        NodeId self{};
        std::uint64_t boot = 0;  // drawn anew at every process start
    };

    // `rows`: all the journal holds. `signer` must outlive the agent.
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
    // What one machine is to be told next. First in, first out: the order of effects is the order
    // in which they were asked for, and no machine is entered while it is inside a step.
    using Errand = std::variant<membership::Input, store::Input, placement::Input>;

    void on(Instant now, const Start& start, Effects& out);
    void on(Instant now, const Receive& receive, Effects& out);
    void on(Instant now, const SeedsResolved& resolved, Effects& out);
    void on(Instant now, const StreamBroken& broken, Effects& out);
    void on(Instant now, const StreamProbed& probed, Effects& out);
    void on(Instant now, const Persisted& persisted, Effects& out);
    void on(Instant now, const PersistFailed& failed, Effects& out);
    void on(Instant now, const RuntimeListed& listed, Effects& out);
    void on(Instant now, const RuntimeReported& reported, Effects& out);
    void on(Instant now, const RuntimeTroubled& troubled, Effects& out);
    void on(Instant now, const RemoveVolume& remove, Effects& out);
    void on(Instant now, const CheckReported& reported, Effects& out);
    void on(Instant now, const ClientWrite& write, Effects& out);
    void on(Instant now, const ClientJob& job, Effects& out);
    void on(Instant now, const Leave& leave, Effects& out);
    void on(Instant now, const Restarting& restarting, Effects& out);
    void on(Instant now, const Tick& tick, Effects& out);
    void on(Instant now, const HostFacts& told, Effects& out);
    void on(Instant now, const DiskSpace& space, Effects& out);

    void run_errands(Instant now, Effects& out);
    void carry(Instant now, const membership::Effect& effect, Effects& out);
    void carry(Instant now, const store::Effect& effect, Effects& out);
    void carry(Instant now, const placement::Effect& effect, Effects& out);
    void tell_of_volume(const store::FactChanged& changed);
    void tell_placement(const store::FactChanged& changed);
    void tell_placement(const store::EntryChanged& changed);
    void publish_facts();
    void send_stream(NodeId to, Message message, Effects& out);

    NodeId self_;
    std::uint64_t boot_;
    Instant last_step_ = Instant::min();
    WallTime wall_{};
    placement::NodeFacts facts_{};
    Instant leave_by_ = kNever;  // while draining: when we go although something still runs
    membership::Membership membership_;
    store::Store store_;
    placement::Placement placement_;
    std::deque<Errand> errands_;
};

}  // namespace shoal::agent
