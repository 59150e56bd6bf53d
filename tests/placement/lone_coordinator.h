// One coordinator, the view the test gives it, and executors the test speaks for.
#pragma once

#include "node/base/rendezvous.h"
#include "placement/coordinator.h"
#include "tests/placement/words.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace shoal::placement {

// A job's name for which this node comes so many places behind the first among these.
inline std::string name_with_rank(std::size_t rank, std::vector<NodeId> others) {
    for (int i = 0;; ++i) {
        const std::string name = "web-" + std::to_string(i);
        const auto place = [&](const NodeId& node) {
            return std::make_tuple(rendezvous_score(name, node), node);
        };
        const auto above = std::count_if(others.begin(), others.end(), [&](const NodeId& node) {
            return place(node) > place(kSelf);
        });
        if (static_cast<std::size_t>(above) == rank) return name;
    }
}

class LoneCoordinator {
public:
    LoneCoordinator()
        : view_(std::make_unique<View>(View{.self = kSelf})),
          machine_(std::make_unique<Coordinator>(*view_, CoordinatorConfig{}, Random{1})) {
        view_->facts[kSelf] = facts_of("self");
        machine_->settled();
    }

    Effects learns(const JobSpec& spec, std::uint64_t gen = 1) {
        view_->see(JobChanged{spec.name, gen, spec});
        machine_->wake(spec.name);
        return run();
    }

    Effects learns_of_deletion(const std::string& name) {
        view_->see(JobChanged{name, 99, std::nullopt});
        machine_->wake(name);
        return run();
    }

    Effects meets(const NodeId& node, const std::string& name) {
        return meets(node, facts_of(name));
    }

    Effects meets(const NodeId& node, const NodeFacts& facts) {
        view_->facts[node] = facts;
        return stands(node, Standing::Alive);
    }

    Effects stands(const NodeId& node, Standing standing, bool announced = false) {
        view_->see(now_, PeerChanged{node, standing, announced});
        const bool lost = standing == Standing::AgentDown || standing == Standing::Dead ||
                          standing == Standing::Left;
        if (lost) machine_->peer_lost(node);
        machine_->wake_all();
        return run();
    }

    Effects sees(const NodeId& node, const Claim& claim) {
        view_->see(ClaimSeen{node, claim.slot, claim.epoch, claim});
        machine_->wake(claim.slot.job);
        return run();
    }

    Effects sees_volume(const NodeId& node, const VolumeId& id,
                        VolumeRecord record = {.used = true}) {
        view_->see(VolumeSeen{node, id, record});
        machine_->wake_all();
        return run();
    }

    Effects sees_no_more(const NodeId& node, const SlotId& slot, Epoch epoch) {
        view_->see(ClaimSeen{node, slot, epoch, std::nullopt});
        machine_->wake(slot.job);
        return run();
    }

    template <class Answer>
    Effects hears(const NodeId& from, const Answer& answer) {
        machine_->hear(now_, from, answer);
        return run();
    }

    Effects asked(const NodeId& from, const StatusRequest& request) {
        Effects out;
        machine_->hear(now_, from, request, out);
        return out;
    }

    Effects waits(Duration duration) {
        Effects out;
        const Instant end = now_ + duration;
        for (int turns = 0; machine_->wakeup() <= end; ++turns) {
            if (turns == 100'000) return {};  // A clock that spins must not hang the test.
            now_ = std::max(now_, machine_->wakeup());
            append(out, run());
        }
        now_ = end;
        return out;
    }

    Effects run() {
        Effects out;
        machine_->run(now_, out);
        return out;
    }

    // ---- whole dealings: nodes answer at once with these prices, or decline.

    Effects bids(const NodeId& node, const Effects& asked, std::vector<std::uint32_t> prices) {
        return hears(node, Bid{.request = request(asked), .ticket = node.low, .prices = prices});
    }

    Effects declines(const NodeId& node, const Effects& asked, Reason reason) {
        return hears(node, NoBid{request(asked), {std::move(reason)}});
    }

    // All of it is accepted, and the claims appear.
    Effects accepts(const Effects& effects, ClaimState state = ClaimState::Healthy) {
        Effects out;
        for (const Send& send : all<Send>(effects)) {
            const auto* award = std::get_if<Award>(&send.message);
            if (award == nullptr) continue;
            Awarded answer{.request = award->request, .job = award->spec.name};
            for (const AwardedSlot& slot : award->slots) {
                answer.accepted.push_back({slot.index, slot.epoch, 1});
            }
            append(out, hears(send.to, answer));
            for (const AwardedSlot& slot : award->slots) {
                auto claim = claim_of(award->spec, slot.index, slot.epoch, state);
                claim.replaces = slot.replaces;
                append(out, sees(send.to, claim));
            }
        }
        return out;
    }

    static Request request(const Effects& asked) {
        const auto requests = sent<BidRequest>(asked);
        return requests.empty() ? 0 : requests.back().request;
    }

    Coordinator& machine() { return *machine_; }

    [[nodiscard]] Instant now() const { return now_; }

    static void append(Effects& out, const Effects& more) {
        out.insert(out.end(), more.begin(), more.end());
    }

private:
    std::unique_ptr<View> view_;  // the coordinator refers to it
    std::unique_ptr<Coordinator> machine_;
    Instant now_ = kMorning;
};

struct Given {
    NodeId to{};
    Award award{};
};

// The awards sent, resent ones included.
inline std::vector<Given> awards(const Effects& effects) {
    std::vector<Given> out;
    for (const Send& send : all<Send>(effects)) {
        if (const auto* award = std::get_if<Award>(&send.message)) out.push_back({send.to, *award});
    }
    return out;
}

// Who is asked for bids.
inline std::vector<NodeId> asked_of(const Effects& effects) {
    std::vector<NodeId> out;
    for (const Send& send : all<Send>(effects)) {
        if (std::holds_alternative<BidRequest>(send.message)) out.push_back(send.to);
    }
    std::sort(out.begin(), out.end());
    return out;
}

inline std::string pending(const Effects& effects) {
    std::string out;
    for (const SlotDecided& decided : all<SlotDecided>(effects)) {
        if (decided.what == SlotDecided::What::Pending) out = decided.sentence;
    }
    return out;
}

}  // namespace shoal::placement
