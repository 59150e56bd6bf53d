// What must always hold, and what must come true once the faults stop (protocol D.3, as amended by
// architecture 9). Fed from every step; what is found wrong is named and ends the run.
//
// Keys: S2 and S5 carry the boot nonce, S3 holds within one boot, S6 and S7 within one life of the
// disk.
#pragma once

#include "chaos/cluster.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace shoal::chaos {

struct Violation {
    std::string invariant{};
    std::string what{};
    Instant at{};
};

class Oracles final : public Observer {
public:
    explicit Oracles(Cluster& cluster) : cluster_(cluster) {}

    void stepped(Instant now, const Machine& machine, const agent::Input& input,
                 const agent::Effects& effects) override;
    void container_runs(Instant now, const Machine& machine,
                        const placement::ContainerId& id) override;
    void check_passed(Instant now, const Machine& machine,
                      const placement::ContainerId& id) override;

    // S1, S2, S3, S5 over the whole cluster; called at the run's cadence.
    void check_cluster();

    // What was acknowledged to a client, and to how many disks.
    struct Acked {
        std::string key{};
        store::VersionId version = 0;
        std::uint64_t gen = 0;
        std::uint32_t copies = 0;
        std::uint32_t disks_lost_before = 0;
    };

    void acknowledged(Acked acked) { acked_.push_back(std::move(acked)); }

    void disk_lost() { ++disks_lost_; }

    // Rolled back, gone with their host, or gone with a node that left.
    [[nodiscard]] std::uint32_t disks_lost() const;

    // ---- after healing. Each returns nothing once it holds, or what is still wrong.
    [[nodiscard]] std::optional<std::string> l1_views_are_true() const;
    [[nodiscard]] std::optional<std::string> l2_stores_are_equal() const;
    [[nodiscard]] std::optional<std::string> l3_jobs_are_whole() const;
    [[nodiscard]] std::optional<std::string> l4_nothing_waits() const;
    // S10 and S15 at rest.
    void check_at_rest();

    [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }

    void fail(const std::string& invariant, std::string what);

private:
    void effect(const Machine& m, const agent::Transmit& e);
    void effect(const Machine& m, const agent::Persist& e);
    void effect(const Machine& m, const agent::StartContainer& e);
    void effect(const Machine& m, const agent::StopContainer& e);
    void effect(const Machine& m, const agent::SlotDecided& e);
    void effect(const Machine& m, const agent::MemberChanged& e);
    void effect(const Machine& m, const agent::FactChanged& e);
    void effect(const Machine& m, const agent::EntryChanged& e);

    template <class Other>
    void effect(const Machine& /*m*/, const Other& /*e*/) {}

    void hear_of_trouble(const Machine& m, const agent::Input& input);
    void check_incarnation(const Machine& m);
    void check_ledger(const Machine& m);
    [[nodiscard]] bool waits_rightly(const placement::SlotId& slot,
                                     const placement::JobSpec& spec) const;
    void check_own_head(const Machine& m);
    void check_offer(const Machine& m, const placement::Message& message);
    void check_positions(const Machine& m);
    void check_health(const Machine& m, const agent::FactChanged& e);
    void note_placed(const Machine& m);
    [[nodiscard]] bool has_been(const placement::View& view, const placement::After& after) const;

    using Position = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // epoch, seq, floor

    struct PerProcess {  // of one process of one host; forgotten when the next starts
        std::uint64_t instance = 0;
        std::map<NodeId, std::uint64_t> incarnations{};
        std::map<NodeId, Position> positions{};
        std::map<std::pair<NodeId, std::string>, std::pair<std::uint64_t, std::uint64_t>> facts{};
        std::map<std::string, store::Version> entries{};
        bool troubled = false;  // was told that its runtime is away
        bool low = false;       // was told that its disk is nearly full
    };

    struct PerDisk {  // of one life of one disk
        std::uint32_t life = 0;
        std::map<placement::SlotId, std::set<placement::Epoch>> started{};
        std::set<placement::ContainerId> stopped{};
        std::set<std::string> volumes{};  // keys of those it has held
        std::uint64_t instance = 0;       // the process the next was told by
        std::uint64_t incarnation = 0;
    };

    PerProcess& process(const Machine& m);
    PerDisk& disk_of(const Machine& m);

    Cluster& cluster_;
    std::map<Host, PerProcess> processes_;
    std::map<Host, PerDisk> disks_;
    std::map<std::tuple<NodeId, std::uint64_t, std::uint64_t, std::uint64_t>, Digest> contents_;
    std::vector<Acked> acked_;
    std::set<placement::SlotId> have_run_;        // at some time, somewhere
    std::set<placement::SlotId> have_been_well_;  // the same, and their check passed
    std::map<std::string, std::uint64_t>
        placed_;  // -> newest template anybody ever promised to run
    std::uint32_t disks_lost_ = 0;
    std::optional<Violation> violation_;
};

}  // namespace shoal::chaos
