// One whole node, its disk, and the world a test gives it.
#pragma once

#include "node/agent/agent.h"
#include "tests/support/disk.h"
#include "tests/support/effects.h"
#include "tests/support/signer.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace shoal::agent {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tests::all;
using tests::has;

inline constexpr NodeId kAnn{0, 1};
inline constexpr NodeId kBob{0, 2};
inline constexpr Instant kMorning{std::chrono::hours{1}};
inline constexpr std::uint64_t kOurBoot = 500;

inline Endpoint at(const NodeId& node) {
    return {"10.0.0." + std::to_string(node.low), 7373};
}

inline placement::NodeFacts our_facts() {
    return {.name = "self", .capacity = {4000, 4ULL << 30U}, .runtime = true};
}

inline placement::JobSpec job(std::uint32_t replicas = 1, const std::string& image = "app:1") {
    placement::JobSpec out{.name = "web", .replicas = replicas};
    out.container.image = image;
    return out;
}

class Lone {
public:
    explicit Lone(std::unique_ptr<Signer> signer = std::make_unique<tests::TestSigner>(1))
        : signer_(std::move(signer)),
          agent_(std::make_unique<Agent>(Agent::Identity{self(), kOurBoot}, Config{}, Random{1},
                                         *signer_, disk_.rows())) {}

    [[nodiscard]] NodeId self() const { return signer_->id_of(signer_->public_key()); }

    Effects step(const Input& input) { return agent_->step(now_, input); }

    Effects hears(const NodeId& from, Message message) {
        return step(Receive{from, at(from), Channel::Stream, std::move(message)});
    }

    // The rows reach the disk, the node hears so, and what comes of it is written too.
    Effects synced(Effects effects) {
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const auto* asked = std::get_if<Persist>(&effects[i]);
            if (asked == nullptr) continue;
            const Persist persist = *asked;
            disk_.write(persist.batch);
            if (persist.sync) append(effects, step(Persisted{persist.token}));
        }
        return effects;
    }

    // Up and alone, with nothing running.
    Effects starts() {
        Effects out = synced(step(Start{{"10.0.0.100", 7373}, false, our_facts(), {1000}}));
        append(out, synced(step(RuntimeListed{})));
        return out;
    }

    Effects meets(const NodeId& node) {
        const membership::Claim claim{
            .about = node, .incarnation = 1, .boot = node.low, .endpoint = at(node)};
        return synced(hears(node, membership::Message{membership::Gossip{{claim}}}));
    }

    Effects submits(const placement::JobSpec& spec) {
        ++requests_;
        return synced(step(ClientJob{
            .request = requests_, .spec = spec, .submission = {7, requests_}, .wall = {2000}}));
    }

    // A replica of job() that runs.
    placement::ContainerId runs() {
        (void)submits(job());
        const placement::ContainerId id{{"web", 0}, 1};
        (void)synced(step(RuntimeReported{{id, placement::ContainerState::Running, 0, ""}}));
        return id;
    }

    // Ticks whenever it wants to be woken; disks are quick.
    Effects waits(Duration duration) {
        Effects out;
        const Instant end = now_ + duration;
        for (int turns = 0; agent_->wakeup() <= end; ++turns) {
            if (turns == 100'000) return {};  // A clock that spins must not hang the test.
            now_ = std::max(now_, agent_->wakeup());
            append(out, synced(step(Tick{{3000}})));
        }
        now_ = end;
        return out;
    }

    Agent& agent() { return *agent_; }

    [[nodiscard]] const placement::View& view() const { return agent_->placement().view(); }

    [[nodiscard]] Instant now() const { return now_; }

    static void append(Effects& out, const Effects& more) {
        out.insert(out.end(), more.begin(), more.end());
    }

private:
    std::unique_ptr<Signer> signer_;  // the agent refers to it
    tests::Disk disk_;
    std::unique_ptr<Agent> agent_;
    Instant now_ = kMorning;
    std::uint64_t requests_ = 0;
};

// What is sent of one plane's messages of one kind, and to whom.
template <class Kind>
std::vector<std::pair<NodeId, Kind>> sent(const Effects& effects) {
    std::vector<std::pair<NodeId, Kind>> out;
    for (const Transmit& transmit : all<Transmit>(effects)) {
        std::visit(
            [&](const auto& plane) {
                std::visit(
                    [&](const auto& message) {
                        if constexpr (std::same_as<std::decay_t<decltype(message)>, Kind>) {
                            out.emplace_back(transmit.to, message);
                        }
                    },
                    plane);
            },
            transmit.message);
    }
    return out;
}

}  // namespace shoal::agent
