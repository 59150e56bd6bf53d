// Who runs what: the market of one node, as one machine.
//
// A facade over two parts that share a view and never call each other: the executor (this node's
// promises and containers) and the coordinator (the slots this node looks after). Messages to
// ourselves never leave the machine. It also decides when a node that has just started knows enough
// to speak (settling, architecture 4.3).
#pragma once

#include "node/base/random.h"
#include "node/base/time.h"
#include "placement/coordinator.h"
#include "placement/executor.h"
#include "placement/types.h"
#include "placement/view.h"

#include <deque>
#include <string>
#include <vector>

namespace shoal::placement {

struct Config {
    ExecutorConfig executor{};
    CoordinatorConfig coordinator{};
    Duration settle_max = std::chrono::seconds{60};          // without reaching anybody
    Duration restart_alone_after = std::chrono::seconds{3};  // own claims, nobody reachable
};

// How a job stands, for people.
struct JobSummary {
    std::string name{};
    JobSpec spec{};
    std::uint32_t wanted = 0;   // slots that should run
    std::uint32_t healthy = 0;  // slots with a healthy claim on a node that is present
    std::string sentence{};     // what is missing and why; empty if nothing is known to be
};

class Placement {
public:
    // `rows`: what the journal holds of Table::Ledger.
    Placement(NodeId self, const Config& config, Random random, const Snapshot& rows);

    // The parts hold references to the view.
    Placement(const Placement&) = delete;
    Placement& operator=(const Placement&) = delete;

    // The only way in. `now` never runs backwards.
    Effects step(Instant now, const Input& input);

    [[nodiscard]] Instant wakeup() const;

    [[nodiscard]] const View& view() const { return view_; }

    [[nodiscard]] const Ledger& ledger() const { return executor_.ledger(); }

    // What this node holds.
    [[nodiscard]] const VolumeBook& volumes() const { return executor_.volumes(); }

    [[nodiscard]] bool is_synced(const ContainerId& id) const { return executor_.is_synced(id); }

    [[nodiscard]] bool settled() const { return coordinator_.is_settled(); }

    [[nodiscard]] std::vector<JobSummary> jobs() const;

    [[nodiscard]] std::vector<Verdict> verdicts(const std::string& job) const {
        return coordinator_.verdicts(job);
    }

    [[nodiscard]] std::string sentence(const std::string& job) const {
        return coordinator_.sentence(job);
    }

private:
    void on(Instant now, const Start& start, Effects& out);
    void on(Instant now, const RuntimeListed& listed, Effects& out);
    void on(Instant now, const RuntimeReported& reported, Effects& out);
    void on(Instant now, const RuntimeTroubled& troubled, Effects& out);
    void on(Instant now, const CheckReport& report, Effects& out);
    void on(Instant now, const JobChanged& changed, Effects& out);
    void on(Instant now, const ClaimsSeen& seen, Effects& out);
    void on(Instant now, const FactsSeen& seen, Effects& out);
    void on(Instant now, const VolumeSeen& seen, Effects& out);
    void on(Instant now, const RemoveVolume& remove, Effects& out);
    void on(Instant now, const PeerChanged& changed, Effects& out);
    void on(Instant now, const SyncedWith& synced, Effects& out);
    void on(Instant now, const Receive& receive, Effects& out);
    void on(Instant now, const Drain& drain, Effects& out);
    void on(Instant now, const Persisted& persisted, Effects& out);
    void on(Instant now, const PersistFailed& failed, Effects& out);
    void on(Instant now, const Tick& tick, Effects& out);
    void on(Instant now, const DiskSpace& space, Effects& out);
    void on(Instant now, const ImageSeen& seen, Effects& out);

    void hear(Instant now, NodeId from, const Message& message, Effects& out);
    void settle(Instant now, Effects& out);
    [[nodiscard]] bool anybody_present() const;

    View view_;
    Executor executor_;
    Coordinator coordinator_;
    Config config_;
    Instant settle_by_ = kNever;
    Instant restart_at_ = kNever;
};

}  // namespace shoal::placement
