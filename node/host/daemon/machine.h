// The driver of one agent: the only place that reads a clock and steps it.
//
// The law, numbered as in node/agent/agent.h: (1) wait for a packet, a finished job, a request or
// the wakeup; (2) read the clock once; (3) step with exactly one input; (4) carry out the effects
// in order; (5) arm the timer for wakeup(); (6) back to 1. All of it on the one thread that runs
// `loop`.
#pragma once

#include "node/agent/agent.h"
#include "node/agent/recording.h"
#include "node/host/daemon/clock.h"
#include "node/host/daemon/recorder.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace shoal::host {

class Machine {
public:
    // Carries out one effect. May post work, never calls back into step() itself.
    using CarryOut = std::function<void(const agent::Effect&)>;

    struct Birth {
        agent::Agent::Identity identity{};
        std::uint64_t seed = 0;
        Snapshot rows{};
    };

    // `signer` must outlive the machine.
    Machine(asio::io_context& loop, const Clock& clock, Birth birth, const Signer& signer,
            CarryOut carry_out, std::optional<Recorder> recorder);

    // Steps 2 to 5. Safe to call from within carry_out: the input waits its turn.
    void feed(agent::Input input);

    // No more steps; what is queued is dropped.
    void stop();

    [[nodiscard]] const agent::Agent& agent() const { return agent_; }

private:
    void step(const agent::Input& input);
    void arm();

    const Clock& clock_;
    agent::RecordingSigner recording_signer_;
    std::optional<Recorder> recorder_;
    agent::Agent agent_;
    CarryOut carry_out_;
    asio::steady_timer timer_;
    Instant armed_for_ = kNever;
    Instant last_ = Instant::min();
    std::deque<agent::Input> waiting_;
    bool stepping_ = false;
    bool stopped_ = false;
};

}  // namespace shoal::host
