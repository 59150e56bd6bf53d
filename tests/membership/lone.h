// One membership machine and whoever the test pretends to be around it.
#pragma once

#include "membership/codec.h"
#include "membership/membership.h"
#include "tests/support/disk.h"
#include "tests/support/effects.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::membership {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using tests::all;
using tests::has;

inline constexpr NodeId kSelf{0, 100};
inline constexpr NodeId kAnn{0, 1};
inline constexpr NodeId kBob{0, 2};
inline constexpr NodeId kCarol{0, 3};
inline constexpr BootNonce kOurBoot = 500;
inline constexpr Instant kMorning{std::chrono::hours{1}};

inline Endpoint at(const NodeId& node) {
    return {"10.0.0." + std::to_string(node.low), 7373};
}

inline Claim claim(const NodeId& about, Health health = Health::Alive,
                   Incarnation incarnation = 1) {
    return {about, incarnation, health, about.low, at(about)};
}

class Lone {
public:
    explicit Lone(const tests::Disk& disk = {}, const Config& config = {},
                  BootNonce boot = kOurBoot)
        : disk_(disk),
          machine_(std::make_unique<Membership>(kSelf, config, Random{1}, boot, disk_.rows())) {}

    Effects step(const Input& input) { return machine_->step(now_, input); }

    Effects hears(const NodeId& from, Message message) {
        return step(Receive{from, at(from), std::move(message)});
    }

    // The rows reach the disk, and the machine hears so.
    Effects synced(const Effects& effects) {
        Effects out;
        for (const Persist& persist : all<Persist>(effects)) {
            disk_.write(persist.batch);
            append(out, step(Persisted{persist.token}));
        }
        return out;
    }

    Effects starts(bool has_seeds = false) {
        Effects out = step(Start{at(kSelf), has_seeds});
        append(out, synced(out));
        return out;
    }

    // It tells us itself that it is here.
    Effects meets(const NodeId& node, Incarnation incarnation = 1) {
        return hears(node, Gossip{{claim(node, Health::Alive, incarnation)}});
    }

    // Ticks whenever it wants to be woken; disks are quick.
    Effects waits(Duration duration) {
        Effects out;
        const Instant end = now_ + duration;
        while (machine_->wakeup() <= end) {
            now_ = std::max(now_, machine_->wakeup());
            const auto effects = step(Tick{});
            append(out, effects);
            append(out, synced(effects));
        }
        now_ = end;
        return out;
    }

    Effects sleeps_until_wakeup() { return waits(machine_->wakeup() - now_); }

    // Sleeps until the next probe and returns whom it pings, under which number.
    std::pair<NodeId, Ping> next_ping() {
        for (int i = 0; i < 1000 && machine_->wakeup() != kNever; ++i) {
            for (const Send& send : all<Send>(sleeps_until_wakeup())) {
                if (const auto* ping = std::get_if<Ping>(&send.message)) return {send.to, *ping};
            }
        }
        return {};
    }

    Effects answers(const std::pair<NodeId, Ping>& ping) {
        return hears(ping.first, Ack{ping.first, ping.second.sequence, ping.second.table, {}});
    }

    [[nodiscard]] std::optional<Standing> standing(const NodeId& node) const {
        const auto member = machine_->find(node);
        if (!member) return std::nullopt;
        return member->standing;
    }

    Membership& machine() { return *machine_; }

    tests::Disk& disk() { return disk_; }

    [[nodiscard]] Instant now() const { return now_; }

    static void append(Effects& out, const Effects& more) {
        out.insert(out.end(), more.begin(), more.end());
    }

private:
    tests::Disk disk_;
    std::unique_ptr<Membership> machine_;
    Instant now_ = kMorning;
};

// The last that was said of a node.
inline std::optional<MemberChanged> change_of(const Effects& effects, const NodeId& node) {
    std::optional<MemberChanged> out;
    for (const auto& change : all<MemberChanged>(effects)) {
        if (change.node == node) out = change;
    }
    return out;
}

// Every claim in any message that is sent.
inline Claims claims_sent(const Effects& effects) {
    Claims out;
    const auto add = [&](const Claims& more) { out.insert(out.end(), more.begin(), more.end()); };
    const auto look = [&](const Message& message) {
        if (const auto* ping = std::get_if<Ping>(&message)) add(ping->news);
        if (const auto* ack = std::get_if<Ack>(&message)) add(ack->news);
        if (const auto* gossip = std::get_if<Gossip>(&message)) add(gossip->news);
        if (const auto* welcome = std::get_if<Welcome>(&message)) add(welcome->members);
        if (const auto* asked = std::get_if<TableRequest>(&message)) add(asked->members);
        if (const auto* table = std::get_if<MemberTable>(&message)) add(table->members);
        if (const auto* join = std::get_if<membership::Join>(&message)) add({join->self});
    };
    for (const auto& send : all<Send>(effects)) {
        look(send.message);
    }
    for (const auto& send : all<SendStream>(effects)) {
        look(send.message);
    }
    return out;
}

template <class Kind>
std::vector<Kind> sent(const Effects& effects) {
    return tests::messages<Kind, Send>(effects);
}

template <class Kind>
std::vector<Kind> streamed(const Effects& effects) {
    return tests::messages<Kind, SendStream>(effects);
}

}  // namespace shoal::membership
