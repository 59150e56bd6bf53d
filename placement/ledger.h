// What this node has promised to run: the only truth about its capacity.
//
// Single-threaded and on disk before anything starts, so over-commit is impossible by construction
// (architecture 4.3). A promise that ended leaves the slot's epoch behind, so that no epoch is used
// twice within one life of the disk.
#pragma once

#include "node/base/fields.h"
#include "node/base/journal.h"
#include "node/base/result.h"
#include "placement/types.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace shoal::placement {

// One promise as the journal keeps it.
struct Promise {
    SlotId slot{};
    Epoch epoch = 0;
    JobSpec spec{};
    std::uint64_t token = 0;
    std::vector<std::uint16_t> host_ports{};
    std::optional<Replaces> replaces{};
    bool draining = false;                     // published once; never returns
    StopReason reason = StopReason::Draining;  // why; valid while draining
    // The promise of this slot here that has to be over before this one starts; 0: none. Until then
    // the two together hold what the larger one needs.
    Epoch after = 0;
    friend bool operator==(const Promise&, const Promise&) = default;
};

auto fields(Is<Promise> auto& v) {
    return std::tie(v.slot, v.epoch, v.spec, v.token, v.host_ports, v.replaces, v.draining,
                    v.reason, v.after);
}

[[nodiscard]] Bytes encode_promise(const Promise& promise);
[[nodiscard]] Result<Promise> decode_promise(ByteView bytes);

// Of those of the published wishes alone.
[[nodiscard]] std::vector<std::uint16_t> published_ports(const Promise& promise);
// What siblings on other nodes reach; nothing for a job that has none.
[[nodiscard]] std::vector<ServedPort> served_ports(const Promise& promise);

// What a spec reserves: undeclared resources count as the defaults.
[[nodiscard]] Resources reserved(const JobSpec& spec);

class Ledger {
public:
    struct PortRange {
        std::uint16_t first = 20'000;
        std::uint16_t last = 32'767;
    };

    Ledger(Resources capacity, PortRange range) : capacity_(capacity), range_(range) {}

    void restore(const Snapshot& rows);

    void set_capacity(Resources capacity) { capacity_ = capacity; }

    // Everything that keeps `count` more such replicas from fitting; empty if they fit. What
    // `instead` holds counts as free.
    [[nodiscard]] std::vector<Reason> lacking(Resources need, const std::vector<PortWish>& ports,
                                              std::uint32_t count,
                                              const Promise* instead = nullptr) const;

    // Takes the capacity now. The caller persists `row` before acting on it. Ports are given here.
    Promise& add(Promise promise);
    // The promise is over. Returns the rows that say so, also when asked again; its capacity is
    // free once they are on disk (`ended`), or a crash could bring back more than fits.
    [[nodiscard]] Batch end(const ContainerId& id);
    void ended(const ContainerId& id);
    // It never came to be: the journal refused it.
    void forget(const ContainerId& id);

    [[nodiscard]] Row row(const Promise& promise) const;

    [[nodiscard]] Promise* find(const ContainerId& id);
    [[nodiscard]] const Promise* find(const ContainerId& id) const;

    // The promise that waits for the end of this one.
    [[nodiscard]] const Promise* successor(const ContainerId& id) const;

    [[nodiscard]] const std::map<ContainerId, Promise>& all() const { return promises_; }

    [[nodiscard]] Epoch highest_epoch(const SlotId& slot) const;

    [[nodiscard]] Resources capacity() const { return capacity_; }

    // Over the capacity only by what was found running, or promised before the capacity shrank.
    [[nodiscard]] Resources used() const;

    [[nodiscard]] std::uint32_t replicas_of(const std::string& job) const;

private:
    void give_back(const Promise& promise);
    // Of the same slot, on either side of `after`: what both hold is held once.
    [[nodiscard]] const Promise* partner(const Promise& promise) const;

    [[nodiscard]] bool port_free(std::uint16_t port, Protocol protocol) const {
        return !ports_.contains({port, protocol});
    }

    [[nodiscard]] std::uint32_t width() const {
        return std::uint32_t{range_.last} - range_.first + 1U;
    }

    // Besides those that are taken, or that these wishes ask for by name.
    [[nodiscard]] std::uint64_t ports_to_choose_from(const std::vector<PortWish>& ports,
                                                     Protocol protocol) const;

    Resources capacity_;
    PortRange range_;
    std::uint64_t cpu_used_ = 0;  // wider than one node's capacity: what is adopted must not wrap
    std::uint64_t memory_used_ = 0;
    std::map<ContainerId, Promise> promises_;
    std::map<ContainerId, Promise> ending_;
    std::map<SlotId, Epoch> ended_;
    std::set<std::pair<std::uint16_t, Protocol>> ports_;
    std::uint16_t next_port_ = 0;
};

}  // namespace shoal::placement
