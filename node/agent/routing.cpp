// Where each effect of a machine goes: to the driver, or to a sibling that has never heard of it.
#include "node/agent/agent.h"
#include "node/agent/facts.h"
#include "node/agent/tokens.h"
#include "node/base/overloaded.h"

#include <optional>
#include <string_view>
#include <utility>

namespace shoal::agent {

void Agent::send_stream(NodeId to, Message message, Effects& out) {
    const auto member = membership_.find(to);
    if (!member) return;  // Forgotten meanwhile; whoever still needs it asks again.
    out.push_back(Transmit{to, member->claim.endpoint, Channel::Stream, std::move(message)});
}

void Agent::carry(Instant /*now*/, const membership::Effect& effect, Effects& out) {
    std::visit(
        Overloaded{
            [&](const membership::Send& e) {
                out.push_back(Transmit{e.to, e.at, Channel::Datagram, e.message});
            },
            [&](const membership::SendStream& e) {
                out.push_back(Transmit{e.to, e.at, Channel::Stream, e.message});
            },
            [&](const membership::Persist& e) {
                out.push_back(Persist{agent_token(Owner::Membership, e.token), true, e.batch});
            },
            [&](const membership::MemberChanged& e) {
                if (e.node != self_) {
                    errands_.push_back(store::Input{store::PeerChanged{e.node, e.after}});
                    errands_.push_back(
                        placement::Input{placement::PeerChanged{e.node, e.after, e.announced}});
                }
                out.push_back(e);
            },
            [&](const auto& e) { out.push_back(e); },
        },
        effect);
}

void Agent::carry(Instant /*now*/, const store::Effect& effect, Effects& out) {
    std::visit(Overloaded{
                   [&](const store::Send& e) { send_stream(e.to, e.message, out); },
                   [&](const store::Persist& e) {
                       out.push_back(Persist{agent_token(Owner::Store, e.token), e.sync, e.batch});
                   },
                   [&](const store::FactChanged& e) {
                       tell_placement(e);
                       out.push_back(e);
                   },
                   [&](const store::EntryChanged& e) {
                       tell_placement(e);
                       out.push_back(e);
                   },
                   [&](const store::SyncedWith& e) {
                       errands_.push_back(placement::Input{placement::SyncedWith{e.peer}});
                   },
                   [&](const auto& e) { out.push_back(e); },
               },
               effect);
}

void Agent::carry(Instant now, const placement::Effect& effect, Effects& out) {
    std::visit(
        Overloaded{
            [&](const placement::Send& e) { send_stream(e.to, e.message, out); },
            [&](const placement::Persist& e) {
                out.push_back(Persist{agent_token(Owner::Placement, e.token), true, e.batch});
            },
            [&](const placement::PublishClaim& e) {
                std::optional<Blob> value;
                if (e.claim) value = Blob{placement::encode_claim(*e.claim)};
                errands_.push_back(
                    store::Input{store::Publish{{{placement::claim_key(e.slot, e.epoch), value}}}});
            },
            [&](const placement::PublishVolume& e) {
                std::optional<Blob> value;
                if (e.record) value = Blob{placement::encode_volume(*e.record)};
                errands_.push_back(
                    store::Input{store::Publish{{{placement::volume_key(e.volume), value}}}});
            },
            [&](const placement::Drained&) {
                if (leave_by_ != kNever) leave_by_ = now;
            },
            [&](const auto& e) { out.push_back(e); },
        },
        effect);
}

// A fact that does not decode is left alone: a newer node wrote it, or a broken one; either way its
// bytes are stored and forwarded as they are.
void Agent::tell_placement(const store::FactChanged& changed) {
    if (changed.key == kSelfFact) {
        placement::FactsSeen seen{.node = changed.origin};
        if (changed.value) {
            auto facts = placement::decode_facts(changed.value->view());
            if (!facts) return;
            seen.facts = std::move(*facts);
        }
        errands_.push_back(placement::Input{std::move(seen)});
        return;
    }
    if (std::string_view{changed.key}.starts_with(kVolumePrefix)) {
        tell_of_volume(changed);
        return;
    }
    if (std::string_view{changed.key}.starts_with(kImagePrefix)) {
        if (changed.origin == self()) {
            errands_.push_back(placement::Input{placement::ImageSeen{
                changed.key.substr(kImagePrefix.size()), changed.value.has_value()}});
        }
        return;
    }
    if (!std::string_view{changed.key}.starts_with(kClaimPrefix)) return;
    const auto key = placement::parse_claim_key(changed.key);
    if (!key) return;
    placement::ClaimSeen seen{.node = changed.origin, .slot = key->slot, .epoch = key->epoch};
    if (changed.value) {
        auto claim = placement::decode_claim(changed.value->view());
        // A claim speaks for the slot its key names, or not at all.
        if (!claim || claim->slot != key->slot || claim->epoch != key->epoch) return;
        seen.claim = std::move(*claim);
    }
    if (auto* last = errands_.empty() ? nullptr : std::get_if<placement::Input>(&errands_.back())) {
        if (auto* together = std::get_if<placement::ClaimsSeen>(last)) {
            together->claims.push_back(std::move(seen));
            return;
        }
    }
    errands_.push_back(placement::Input{placement::ClaimsSeen{{std::move(seen)}}});
}

void Agent::tell_of_volume(const store::FactChanged& changed) {
    const auto id = placement::parse_volume_key(changed.key);
    if (!id) return;
    placement::VolumeSeen seen{.node = changed.origin, .volume = *id};
    if (changed.value) {
        const auto record = placement::decode_volume(changed.value->view());
        if (!record) return;
        seen.record = *record;
    }
    errands_.push_back(placement::Input{std::move(seen)});
}

void Agent::tell_placement(const store::EntryChanged& changed) {
    if (!placement::is_job_key(changed.key)) return;
    placement::JobChanged job{.job = changed.key.substr(kJobPrefix.size()),
                              .gen = changed.winner.gen};
    if (!changed.winner.tombstone) {
        auto spec = placement::decode_job(changed.winner.body.view());
        if (!spec || spec->name != job.job || !placement::validate(*spec)) return;
        job.spec = std::move(*spec);
    }
    errands_.push_back(placement::Input{std::move(job)});
}

}  // namespace shoal::agent
