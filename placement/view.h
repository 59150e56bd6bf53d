// What this node knows of jobs, claims and nodes: fed by the store and membership through the
// agent, read by the executor and the coordinator. It decides nothing.
#pragma once

#include "node/base/id.h"
#include "node/base/standing.h"
#include "node/base/time.h"
#include "placement/types.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shoal::placement {

struct JobView {
    std::uint64_t gen = 0;
    std::optional<JobSpec> spec{};  // nothing: deleted, and that is known
};

struct PeerView {
    Standing standing = Standing::Alive;
    Instant since{};  // when it got this standing
    bool announced = false;
};

inline constexpr std::size_t kSlotsRememberedMax = 200'000;

struct View {
    NodeId self{};
    std::map<std::string, JobView> jobs{};
    std::map<SlotId, std::map<std::pair<NodeId, Epoch>, Claim>> claims{};
    std::map<SlotId, Epoch> highest{};  // of all claims ever seen of a slot
    std::map<VolumeId, std::map<NodeId, VolumeRecord>> volumes{};
    // Of all claims ever seen of a job: the newest template that was placed.
    std::map<std::string, std::uint64_t> begun{};
    std::map<std::string, std::set<std::string>> dependents{};  // -> the jobs that come after it
    std::map<NodeId, PeerView> peers{};                         // not ourselves
    std::map<NodeId, NodeFacts> facts{};
    std::uint64_t roster_version = 0;  // changes whenever somebody becomes present or absent

    void see(const JobChanged& job) {
        JobView& known = jobs[job.job];
        if (known.spec) {
            for (const After& after : known.spec->after) {
                const auto of_it = dependents.find(after.job);
                if (of_it == dependents.end()) continue;
                of_it->second.erase(job.job);
                if (of_it->second.empty()) dependents.erase(of_it);
            }
        }
        known = {job.gen, job.spec};
        if (!known.spec) return;
        for (const After& after : known.spec->after) {
            dependents[after.job].insert(job.job);
        }
    }

    void see(const ClaimSeen& seen) {
        // No job has such a slot, or not for this node.
        if (seen.slot.index >= kReplicasMax && seen.slot.index != slot_of(seen.node)) return;
        auto& of_slot = claims[seen.slot];
        if (seen.claim) {
            of_slot.insert_or_assign({seen.node, seen.epoch}, *seen.claim);
            // A claim of a job nobody knows costs its writer nothing: only so many are remembered.
            if (highest.size() >= kSlotsRememberedMax && !jobs.contains(seen.slot.job)) return;
            auto& top = highest[seen.slot];
            if (seen.epoch > top && seen.epoch < kEpochMax) top = seen.epoch;
            auto& newest = begun[seen.slot.job];
            newest = std::max(newest, seen.claim->template_gen);
        } else {
            of_slot.erase({seen.node, seen.epoch});
            if (of_slot.empty()) claims.erase(seen.slot);
        }
    }

    void see(const VolumeSeen& seen) {
        if (seen.record) {
            volumes[seen.volume][seen.node] = *seen.record;
            return;
        }
        const auto found = volumes.find(seen.volume);
        if (found == volumes.end()) return;
        found->second.erase(seen.node);
        if (found->second.empty()) volumes.erase(found);
    }

    void see(Instant now, const PeerChanged& changed) {
        PeerView& peer = peers[changed.peer];
        ++roster_version;
        peer = {changed.standing, now, changed.announced};
    }

    [[nodiscard]] std::vector<Held> claims_of(const SlotId& slot) const {
        std::vector<Held> out;
        const auto found = claims.find(slot);
        if (found == claims.end()) return out;
        for (const auto& [owner, claim] : found->second) {
            out.push_back({owner.first, claim});
        }
        return out;
    }

    // For good, with whatever it had.
    [[nodiscard]] bool has_left(const NodeId& node) const {
        const auto found = peers.find(node);
        return found != peers.end() && found->second.standing == Standing::Left;
    }

    // The node that counts for the one that holds a volume.
    [[nodiscard]] std::optional<NodeId> holder(const VolumeId& id) const {
        const auto found = volumes.find(id);
        if (found == volumes.end()) return std::nullopt;
        const auto best = std::min_element(
            found->second.begin(), found->second.end(), [this](const auto& a, const auto& b) {
                // One that joins again is another node to all, with the directory it had.
                const bool a_left = has_left(a.first);
                if (a_left != has_left(b.first)) return !a_left;
                return holds_before(a.first, a.second, b.first, b.second);
            });
        return best->first;
    }

    [[nodiscard]] Epoch highest_epoch(const SlotId& slot) const {
        const auto found = highest.find(slot);
        return found == highest.end() ? 0 : found->second;
    }

    // Where a replica with a volume runs twice, the one that has the volume counts.
    void prefer_holder(const JobSpec& spec, std::uint32_t index, std::vector<Held>& of_slot) const {
        for (const VolumeId& id : volumes_of(spec.container.mounts, index)) {
            const auto node = holder(id);
            const auto has_it = [&](const Held& held) {
                return node == held.node && held.claim.state == ClaimState::Healthy;
            };
            if (!node || std::none_of(of_slot.begin(), of_slot.end(), has_it)) continue;
            std::erase_if(of_slot, [&](const Held& held) { return held.node != *node; });
            return;
        }
    }

    // A replica of the job as it is now has been placed at some time.
    [[nodiscard]] bool has_begun(const JobSpec& spec) const {
        const auto found = begun.find(spec.name);
        return found != begun.end() && found->second >= spec.template_gen;
    }

    [[nodiscard]] bool is_present(const NodeId& node) const {
        if (node == self) return true;
        const auto found = peers.find(node);
        return found != peers.end() && present(found->second.standing);
    }

    // Whose rendezvous order says who coordinates a job. Those that share a volume have one
    // coordinator, who brings them together.
    [[nodiscard]] std::string order_key(const std::string& job) const {
        const JobSpec* known = spec(job);
        if (known == nullptr) return job;
        const std::string* first = nullptr;
        for (const Mount& mount : known->container.mounts) {
            if (mount.kind != MountKind::Volume || !mount.shared) continue;
            if (first == nullptr || mount.source < *first) first = &mount.source;
        }
        return first == nullptr ? job : "volume/" + *first;
    }

    [[nodiscard]] const JobSpec* spec(const std::string& job) const {
        const auto found = jobs.find(job);
        return found == jobs.end() || !found->second.spec ? nullptr : &*found->second.spec;
    }

    [[nodiscard]] std::string name_of(const NodeId& node) const {
        const auto found = facts.find(node);
        return found == facts.end() || found->second.name.empty() ? to_short(node)
                                                                  : found->second.name;
    }
};

}  // namespace shoal::placement
