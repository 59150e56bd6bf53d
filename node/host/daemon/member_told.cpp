// The part of Member that tells people: the log, the events and the warnings of the status.
#include "node/agent/facts.h"
#include "node/host/daemon/member.h"
#include "node/host/daemon/views.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace shoal::host {

void Member::warn(const std::string& about, const std::string& text) {
    warnings_[about] = text;
    tell("notice", "", text);
}

void Member::runtime_troubled(const std::string& why) {
    if (why.empty()) {
        if (warnings_.erase("runtime") > 0) tell("notice", "", "containers can be started again");
    } else {
        warn("runtime", why);
    }
    machine_->feed(agent::RuntimeTroubled{why});
}

void Member::tell(const std::string& kind, const std::string& subject, const std::string& text) {
    log_.add(clock_.wall(), kind, subject, text);
    spdlog::log(kind == "notice" ? spdlog::level::warn : spdlog::level::info, "{}", text);
}

void Member::carry(const agent::MemberChanged& effect) {
    if (services_) services_->changed();
    if (effect.node == signer_.id()) return;
    if (effect.before == effect.after) return;
    const auto name = display_name(agent(), effect.node);
    if (present(effect.after)) warnings_.erase("clone " + to_hex(effect.node));
    tell("member", name,
         name + " at " + to_string(effect.endpoint) + " is " +
             std::string{to_string(effect.after)} + (effect.announced ? ", as it announced" : ""));
}

void Member::carry(const agent::FactChanged& effect) {
    if (services_ && effect.key.starts_with(agent::kClaimPrefix)) services_->changed();
    if (effect.key != agent::kSelfFact) return;
    auto now = name_clashes(agent());
    for (const auto& text : now) {
        const bool told = std::find(clashes_.begin(), clashes_.end(), text) != clashes_.end();
        if (!told) tell("notice", "", text);
    }
    clashes_ = std::move(now);
}

void Member::carry(const agent::EntryChanged& effect) {
    if (services_ && placement::is_job_key(effect.key)) services_->changed();
    if (!effect.conflict) return;
    tell("conflict", effect.key,
         effect.key + " was changed on two sides; the newer version stands");
}

void Member::carry(const agent::SlotDecided& effect) {
    using What = placement::SlotDecided::What;
    if (effect.what == What::Satisfied) return;
    const auto subject = effect.what == What::Pending ? effect.slot.job : to_string(effect.slot);
    tell("slot", subject, subject + ": " + effect.sentence);
}

void Member::carry(const membership::Notice& effect) {
    const auto name =
        effect.node.is_zero() ? to_string(effect.endpoint) : display_name(agent(), effect.node);
    std::string text;
    switch (effect.kind) {
        case membership::NoticeKind::DatagramsInBlocked:
            text = "UDP from " + name + " does not arrive here, TCP does; open port " +
                   std::to_string(birth_.advertised.port) + "/udp on this host";
            break;
        case membership::NoticeKind::DatagramsOutBlocked:
            text = "UDP from here does not arrive at " + name + ", TCP does; open port " +
                   std::to_string(effect.endpoint.port) + "/udp on its host";
            break;
        case membership::NoticeKind::DatagramsFlow:
            warnings_.erase("udp " + to_hex(effect.node));
            tell("notice", name, "UDP to and from " + name + " works again");
            return;
        case membership::NoticeKind::TwinSeen:
            if (effect.endpoint == birth_.advertised) {
                tell("notice", name,
                     "others know a start of this node that its disk has forgotten; it goes on "
                     "above that. Was its data directory restored from an old copy, or lost?");
                return;
            }
            text = "another process uses this node's identity, at " + to_string(effect.endpoint) +
                   ": a cloned disk? Delete identity.key on one of the two and join again";
            break;
        case membership::NoticeKind::SeedsSilent:
            tell("notice", name, "no seed has answered yet; still trying");
            return;
    }
    const bool twin = effect.kind == membership::NoticeKind::TwinSeen;
    warnings_[(twin ? "clone " : "udp ") + to_hex(effect.node)] = text;
    tell("notice", name, text);
}

void Member::carry(const store::Notice& effect) {
    const auto name = display_name(agent(), effect.node);
    switch (effect.kind) {
        case store::NoticeKind::LogRaised:
            tell("notice", name,
                 "this node's journal is older than what others hold of it; "
                 "publishing everything anew");
            break;
        case store::NoticeKind::BadHead:
        case store::NoticeKind::Equivocation:
            limited_.say(clock_.now(), "head " + name, "the log of " + name + ": " + effect.detail);
            break;
        case store::NoticeKind::OverBudget:
            limited_.say(clock_.now(), "budget",
                         "too many facts on this node; not published: " + effect.detail);
            break;
    }
}

}  // namespace shoal::host
