// The node's own side of the market: bids for slots, keeps the promises it makes, runs them, and is
// the only one that ever stops them.
//
// What always holds between steps:
//   - a container is started only for a promise that is on disk;
//   - a container is stopped only for a StopReason that is true in this node's view, and silence is
//     none;
//   - what is awarded never exceeds the ledger's capacity;
//   - a promise has exactly one run.
#pragma once

#include "node/base/random.h"
#include "node/base/time.h"
#include "placement/ledger.h"
#include "placement/types.h"
#include "placement/view.h"
#include "placement/volume_book.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::placement {

struct ExecutorConfig {
    Duration ticket_life = std::chrono::seconds{5};
    Duration backoff_min = std::chrono::milliseconds{100};
    Duration backoff_max = std::chrono::minutes{5};
    Duration stable_after = std::chrono::seconds{10};  // running this long forgets earlier failures
    std::uint32_t fast_failures_max = 5;               // then the slot goes back to the coordinator
    Duration linger = std::chrono::seconds{5};         // the winner must be seen healthy this long
    Duration stop_retry = std::chrono::seconds{30};    // a stop without an answer is asked again
    Duration journal_retry = std::chrono::seconds{1};  // the end of a promise after a failed write
    Duration disk_distrust =
        std::chrono::seconds{2};  // no bids after the journal refused a promise
    std::size_t tickets_max = 4096;
    Ledger::PortRange ports{};
};

class Executor {
public:
    Executor(const View& view, const ExecutorConfig& config, Random random, const Snapshot& rows);

    // `volumes`: whose directories are there, whatever the ledger says of them.
    void start(const NodeFacts& facts, const std::vector<VolumeId>& volumes, Effects& out);
    void listed(Instant now, const std::vector<ContainerReport>& containers, Effects& out);
    void settled(Instant now, Effects& out);
    void may_restart(Instant now, Effects& out);
    void reported(Instant now, const ContainerReport& report, Effects& out);
    void checked(Instant now, const CheckReport& report, Effects& out);

    // The runtime starts nothing, and why; empty: it does again.
    void troubled(const std::string& why) { trouble_ = why; }

    void job_changed(Instant now, const std::string& job, Effects& out);
    void claims_changed(Instant now, const SlotId& slot, Effects& out);
    // The store shows us a claim of our own.
    void own_claim_seen(const ClaimSeen& seen, Effects& out);
    // Another may count for its holder now.
    void volume_moved(Instant now, const VolumeId& id, Effects& out);
    void own_volume_seen(const VolumeSeen& seen, Effects& out) const;
    void remove_volume(const VolumeId& id, Effects& out);
    void roster_changed(Instant now, Effects& out);
    void asked(Instant now, const BidRequest& request, NodeId from, Effects& out);
    void awarded(Instant now, const Award& award, NodeId from, Effects& out);
    void persisted(Instant now, Token token, Effects& out);
    void persist_failed(Instant now, Token token, Effects& out);
    void drain(Instant now, bool stop_containers, Effects& out);
    void tick(Instant now, Effects& out);

    void set_wall(WallTime wall) { wall_ = wall; }

    void set_low_disk(std::string which) { low_disk_ = std::move(which); }

    void image_seen(const ImageSeen& seen);

    [[nodiscard]] Instant wakeup() const;

    [[nodiscard]] const Ledger& ledger() const { return ledger_; }

    [[nodiscard]] const VolumeBook& volumes() const { return volumes_; }

    // Promises that are on disk; the others are with the journal.
    [[nodiscard]] bool is_synced(const ContainerId& id) const;

private:
    // How a promise is doing.
    struct Run {
        ClaimState state = ClaimState::Awarded;
        bool synced = false;
        bool running = false;  // the runtime says so
        bool stopping = false;
        bool restarting = false;  // being stopped as unhealthy, to start again
        std::uint32_t restarts = 0;
        std::uint32_t fast_failures = 0;
        std::int32_t exit_code = 0;
        std::string detail{};
        Instant well_since{};           // when it got healthy; none: not yet since it started
        HealthWatch watch{};            // of one that runs and has a check
        Instant act_at = kNever;        // back-off over, or ask again to stop
        Instant winner_since = kNever;  // since when another's claim is the healthy winner
        WallTime since{};
    };

    struct PendingAward {
        NodeId from{};
        Request request = 0;
        std::string job{};
        std::vector<AcceptedSlot> accepted{};
        std::vector<RefusedSlot> refused{};
    };

    void say(const ContainerId& id, Effects& out) const;
    void set_state(Instant now, const ContainerId& id, ClaimState state, std::string detail,
                   Effects& out);
    void launch(Instant now, const ContainerId& id, Effects& out);
    void runs_now(Instant now, const ContainerReport& report, const std::string& detail,
                  Effects& out);
    void ask_if_well(Instant now, const ContainerId& id, Effects& out);
    void became(Instant now, const ContainerId& id, Health health, Effects& out);
    void restart_unwell(Instant now, const ContainerId& id, Effects& out);
    [[nodiscard]] bool was_well_before(const ContainerId& id) const;
    void exited(Instant now, const ContainerId& id, const ContainerReport& report, Effects& out);
    void pulls(Instant now, const ContainerReport& report, Effects& out);
    void try_again(Instant now, const ContainerId& id, bool hopeless, Effects& out);
    void give_up(const ContainerId& id, ClaimState state, Effects& out);
    void release(const ContainerId& id, Effects& out);
    void start_successor(Instant now, const ContainerId& over, Effects& out);
    bool waits_for_another(Instant now, const ContainerId& id, Effects& out);
    void take_volumes(const Promise& promise, bool used, Batch& rows);
    void use_volumes(const ContainerId& id, Effects& out);
    void drop_unused_volumes(const Promise& promise, Batch& rows, Effects& out);
    void publish_volumes(const Promise& promise, Effects& out) const;
    [[nodiscard]] bool held_elsewhere(const JobSpec& spec, std::uint32_t index) const;
    [[nodiscard]] Epoch predecessor(const Award& award, const AwardedSlot& wanted) const;
    void end_promise(const ContainerId& id, Effects& out);
    void stop(Instant now, const ContainerId& id, StopReason reason, Effects& out);
    void reconsider(Instant now, const ContainerId& id, Effects& out);
    std::optional<StopReason> evidence(Instant now, const ContainerId& id, Run& run) const;
    void adopt_orphan(Instant now, const ContainerReport& report, Effects& out);
    void report_drained(Effects& out);
    [[nodiscard]] std::optional<RefusedSlot> refusal(const Award& award,
                                                     const AwardedSlot& slot) const;
    [[nodiscard]] std::vector<Reason> reasons_against(Instant now, const BidRequest& request) const;
    [[nodiscard]] const Promise* instead_of(const BidRequest& request) const;
    [[nodiscard]] bool lacks(std::string_view image) const;
    [[nodiscard]] Claim claim_of(const Promise& promise, const Run& run) const;
    [[nodiscard]] bool healthy_elsewhere(const SlotId& slot) const;
    [[nodiscard]] bool is_well_here(const SlotId& slot) const;

    const View& view_;
    ExecutorConfig config_;
    Random random_;
    Ledger ledger_;
    VolumeBook volumes_;
    NodeFacts facts_{};
    WallTime wall_{};
    std::map<ContainerId, Run> runs_;
    std::map<ContainerId, Claim> given_up_;           // failed or complete; told until superseded
    std::map<ContainerId, ContainerReport> orphans_;  // run, but no promise of ours names them
    std::map<Ticket, Instant> tickets_;
    std::map<Token, PendingAward> pending_;
    std::map<Token, ContainerId> endings_;   // on their way to disk
    std::vector<ContainerId> unsaved_ends_;  // the journal refused these; asked again
    Instant journal_retry_at_ = kNever;
    Instant disk_trusted_at_{};
    std::string low_disk_;                       // which is short of space
    std::set<std::string, std::less<>> images_;  // digests of those that are here
    Token last_token_ = 0;
    std::uint64_t last_check_ = 0;
    bool listed_ = false;
    bool settled_ = false;
    bool may_restart_ = false;
    std::string trouble_{};  // of the runtime
    bool draining_ = false;  // bids and accepts nothing
    bool stop_all_ = false;  // and nothing may stay
    bool drained_told_ = false;
};

// What the node is in "node.name", "node.zone" or "node.labels.KEY"; nothing if it lacks that.
[[nodiscard]] std::optional<std::string> attribute_of(const std::string& name,
                                                      const NodeFacts& facts);

// True if a node with these facts satisfies the constraint.
[[nodiscard]] bool holds(const Constraint& constraint, const NodeFacts& facts);

inline constexpr std::string_view kNoPrivilege =
    "allows no privileges; its agent runs without --allow-privileged";

// "node.labels.disk == ssd"
[[nodiscard]] std::string to_string(const Constraint& constraint);

}  // namespace shoal::placement
