// A few whole Placements that hear one another at once, see one another's claims as a store would
// show them, and run containers that start when asked.
#pragma once

#include "placement/placement.h"
#include "tests/placement/words.h"
#include "tests/support/disk.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace shoal::placement {

class World {
public:
    explicit World(std::size_t size, Resources capacity = {4000, 4 * kGiB}) : capacity_(capacity) {
        for (std::size_t i = 0; i < size; ++i) {
            nodes_.push_back(std::make_unique<Node>());
            nodes_[i]->id = {0, i + 1};
        }
        for (std::size_t i = 0; i < size; ++i) {
            boots(i);
        }
        settle();
    }

    // A new process on its disk; its containers run on.
    void boots(std::size_t i) {
        Node& node = *nodes_[i];
        node.up = true;
        node.machine =
            std::make_unique<Placement>(node.id, Config{}, Random{++boots_}, node.disk.rows());
        step(i, Start{facts(i), nodes_.size() == 1});
        std::vector<ContainerReport> found;
        for (const ContainerId& id : node.running) {
            found.push_back({id, ContainerState::Running});
        }
        step(i, RuntimeListed{found});
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            step(i, FactsSeen{nodes_[j]->id, facts(j)});
            if (j != i) step(i, PeerChanged{nodes_[j]->id, standing(j)});
            if (j != i) step(j, PeerChanged{node.id, Standing::Alive});
        }
        for (const auto& [name, change] : jobs_) {
            step(i, change);
        }
        ClaimsSeen all;
        for (const auto& [key, claim] : claims_) {
            all.claims.push_back({key.first, key.second.slot, key.second.epoch, claim});
        }
        step(i, all);
        if (nodes_.size() > 1) step(i, SyncedWith{nodes_[i == 0 ? 1 : 0]->id});
    }

    // The process is gone; its containers too if the host is.
    void dies(std::size_t i, Standing seen_as = Standing::AgentDown) {
        nodes_[i]->up = false;
        if (seen_as != Standing::AgentDown) nodes_[i]->running.clear();
        std::erase_if(queue_, [&](const Errand& errand) { return errand.to == i; });
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            if (j != i) step(j, PeerChanged{nodes_[i]->id, seen_as});
        }
        settle();
    }

    void submits(const JobSpec& spec) { tell_all(JobChanged{spec.name, ++gen_, spec}); }

    void deletes(const std::string& name) { tell_all(JobChanged{name, ++gen_, std::nullopt}); }

    void exits(std::size_t i, const ContainerId& id, std::int32_t code) {
        nodes_[i]->running.erase(id);
        step(i, RuntimeReported{{id, ContainerState::Exited, code, "exited"}});
        settle();
    }

    void drains(std::size_t i) {
        step(i, Drain{true});
        settle();
    }

    void runs(Duration duration) {
        const Instant end = now_ + duration;
        settle();
        while (true) {
            Instant next = kNever;
            for (const auto& node : nodes_) {
                if (node->up) next = std::min(next, node->machine->wakeup());
            }
            if (next > end) break;
            now_ = std::max(now_, next);
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                if (nodes_[i]->up && nodes_[i]->machine->wakeup() <= now_) step(i, Tick{});
            }
            settle();
        }
        now_ = end;
    }

    // How many containers of a job run on each node.
    [[nodiscard]] std::vector<std::size_t> running(const std::string& job) const {
        std::vector<std::size_t> out;
        for (const auto& node : nodes_) {
            out.push_back(static_cast<std::size_t>(
                std::count_if(node->running.begin(), node->running.end(),
                              [&](const ContainerId& id) { return id.slot.job == job; })));
        }
        return out;
    }

    [[nodiscard]] const std::set<ContainerId>& containers(std::size_t i) const {
        return nodes_[i]->running;
    }

    Placement& operator[](std::size_t i) { return *nodes_[i]->machine; }

    [[nodiscard]] NodeId id(std::size_t i) const { return nodes_[i]->id; }

    // All that node `i` wanted done, in order.
    Effects& told(std::size_t i) { return nodes_[i]->told; }

private:
    struct Node {
        NodeId id{};
        bool up = false;
        tests::Disk disk;
        std::unique_ptr<Placement> machine;
        std::set<ContainerId> running;
        Effects told;
    };

    struct Errand {
        std::size_t to = 0;
        Input input{};
    };

    [[nodiscard]] NodeFacts facts(std::size_t i) const {
        return facts_of("n" + std::to_string(i + 1), capacity_);
    }

    [[nodiscard]] Standing standing(std::size_t i) const {
        return nodes_[i]->up ? Standing::Alive : Standing::AgentDown;
    }

    void tell_all(const JobChanged& change) {
        jobs_[change.job] = change;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            step(i, change);
        }
        settle();
    }

    void settle() {
        while (!queue_.empty()) {
            const Errand errand = std::move(queue_.front());
            queue_.pop_front();
            step(errand.to, errand.input);
        }
    }

    void step(std::size_t i, const Input& input) {
        if (!nodes_[i]->up || !nodes_[i]->machine) return;
        for (const Effect& effect : nodes_[i]->machine->step(now_, input)) {
            nodes_[i]->told.push_back(effect);
            std::visit([&](const auto& e) { carry(i, e); }, effect);
        }
    }

    void carry(std::size_t i, const Send& send) {
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            if (nodes_[j]->id == send.to) {
                queue_.push_back({j, Receive{nodes_[i]->id, send.message}});
            }
        }
    }

    void carry(std::size_t i, const Persist& persist) {
        nodes_[i]->disk.write(persist.batch);
        queue_.push_back({i, Persisted{persist.token}});
    }

    void carry(std::size_t i, const PublishClaim& said) {
        const auto key = std::make_pair(nodes_[i]->id, ContainerId{said.slot, said.epoch});
        if (said.claim) {
            claims_[key] = *said.claim;
        } else {
            claims_.erase(key);
        }
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            queue_.push_back({j, ClaimsSeen{{{nodes_[i]->id, said.slot, said.epoch, said.claim}}}});
        }
    }

    void carry(std::size_t i, const StartContainer& start) {
        nodes_[i]->running.insert(start.id);
        queue_.push_back({i, RuntimeReported{{start.id, ContainerState::Running}}});
    }

    void carry(std::size_t i, const StopContainer& stop) {
        nodes_[i]->running.erase(stop.id);
        queue_.push_back({i, RuntimeReported{{stop.id, ContainerState::Gone}}});
    }

    void carry(std::size_t i, const PublishVolume& said) {
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            queue_.push_back({j, VolumeSeen{nodes_[i]->id, said.volume, said.record}});
        }
    }

    void carry(std::size_t /*i*/, const DeleteVolume& /*volume*/) {}

    void carry(std::size_t /*i*/, const SlotDecided& /*decided*/) {}

    void carry(std::size_t /*i*/, const CheckContainer& /*check*/) {}

    void carry(std::size_t /*i*/, const Drained& /*drained*/) {}

    Resources capacity_;
    Instant now_ = kMorning;
    std::uint64_t boots_ = 0;
    std::uint64_t gen_ = 0;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<std::string, JobChanged> jobs_;
    std::map<std::pair<NodeId, ContainerId>, Claim> claims_;
    std::deque<Errand> queue_;
};

}  // namespace shoal::placement
