// The probe cycle: SWIM section 3.1 with a stream beside the indirect probes, and what is concluded
// from it first-hand.
#include "membership/membership.h"
#include "membership/suspicion.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <utility>

namespace shoal::membership {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A ping's fixed parts and the accusation it may carry leave this much for news.
constexpr std::size_t kNewsBudget = kDatagramBytesMax - 160;
constexpr std::size_t kRelaysMax = 64;       // forgotten oldest first, whatever peers ask of us
constexpr std::size_t kQuestionsMax = 1024;  // stream probes awaited outside the rota
constexpr Duration kBreakCheckEvery = seconds{1};
// In a row before a person is told: more than what a peer heard before the way was blocked.
constexpr std::uint8_t kStreamOnlyNotice = 5;
constexpr std::uint32_t kAbsentEvery = 4;
constexpr std::size_t kAbsentMax = 8;  // pings at once: what many losses may cost, for ever
// Who spoke within so many periods is taken to hear us, too.
constexpr int kFreshPeriods = 5;
// So many probes in a row without a word from anybody: we are alone, whoever's fault it is.
constexpr std::uint32_t kAloneAfter = 3;

}  // namespace

const Entry* Membership::next_target() {
    // One lap through the shuffled rota, then a fresh one; who left or is unknown is passed over.
    for (int lap = 0; lap < 2; ++lap) {
        while (rota_next_ < rota_.size()) {
            const Entry* entry = roster_.find(rota_[rota_next_++]);
            if (entry == nullptr || entry->claim.health == Health::Left) continue;
            if (SHOAL_MUTANT(NeverProbeUnreachable) && entry->finding != Finding::None) continue;
            return entry;
        }
        rota_.clear();
        rota_next_ = 0;
        for (const Entry& entry : roster_.entries()) {
            if (entry.claim.health != Health::Left) rota_.push_back(entry.claim.about);
        }
        random_.shuffle(std::span{rota_});
    }
    return nullptr;
}

void Membership::ping(const Entry& entry, Sequence sequence, Effects& out) {
    Claims news;
    // Buddy (Lifeguard, IV-C): who is accused hears of it from whoever probes it.
    const bool accused = entry.claim.health != Health::Alive;
    if (accused) news.push_back(entry.claim);
    const Claims more = news_.take(kNewsBudget);
    news.insert(news.end(), more.begin(), more.end());
    out.push_back(Send{entry.claim.about, entry.claim.endpoint,
                       Ping{sequence, table_fingerprint(), std::move(news)}});
}

// What we found of somebody at first hand only we can take back. In a large roster its turn in the
// rota is far off, so some of the absent are asked every few periods besides, in turn; and at once
// when one of them is back: a cut that cost many is healed for most of them at the same time.
void Membership::look_for_the_absent(Effects& out) {
    const bool due = ++periods_ % kAbsentEvery == 0 || absent_returned_;
    if (!due || SHOAL_MUTANT(NeverProbeUnreachable)) return;
    absent_returned_ = false;
    std::vector<const Entry*> absent;
    for (const Entry& entry : roster_.entries()) {
        if (entry.finding != Finding::None && entry.claim.health != Health::Left) {
            absent.push_back(&entry);
        }
    }
    if (absent.empty()) return;
    // The roster is sorted: on from the last one asked, round and round.
    const auto first = std::upper_bound(
        absent.begin(), absent.end(), last_absent_,
        [](const NodeId& last, const Entry* entry) { return last < entry->claim.about; });
    std::rotate(absent.begin(), first, absent.end());
    absent.resize(std::min(kAbsentMax, absent.size()));
    for (const Entry* entry : absent) {
        ping(*entry, next_sequence_++, out);
    }
    last_absent_ = absent.back()->claim.about;
}

void Membership::start_probe(Instant now, Effects& out) {
    look_for_the_absent(out);
    const Entry* target = next_target();
    if (target == nullptr) return;
    const Duration usual = target->rtt * 3;
    const Duration wait = target->rtt == Duration{} ? config_.direct_timeout
                                                    : std::clamp<Duration>(usual, milliseconds{50},
                                                                           config_.direct_timeout);
    probe_ = Probe{.target = target->claim.about,
                   .sequence = next_sequence_++,
                   .incarnation = target->claim.incarnation,
                   .started = now,
                   .ask_others_at = now + awareness_.stretch(wait)};
    ping(*target, probe_->sequence, out);
}

std::vector<const Entry*> Membership::some_present(std::size_t count, NodeId except) {
    std::vector<const Entry*> out;
    const auto& all = roster_.entries();
    if (all.empty()) return out;
    // From a random place onwards in random strides of the sorted roster: cheap, and fair enough
    // for gossip. Small rosters are simply walked.
    const std::size_t tries = std::min(all.size(), count * 4 + 8);
    if (tries == all.size()) {
        for (const Entry& entry : all) {
            if (present(standing_of(entry)) && entry.claim.about != except) out.push_back(&entry);
        }
        random_.shuffle(std::span{out});
        if (out.size() > count) out.resize(count);
        return out;
    }
    for (std::size_t i = 0; i < tries && out.size() < count; ++i) {
        const Entry& entry = all[random_.below(all.size())];
        if (!present(standing_of(entry)) || entry.claim.about == except) continue;
        if (std::find(out.begin(), out.end(), &entry) == out.end()) out.push_back(&entry);
    }
    return out;
}

void Membership::ask_others(Instant now, Effects& out) {
    probe_->ask_others_at = kNever;
    const Entry* target = roster_.find(probe_->target);
    if (probe_->answered || target == nullptr) return;
    for (const Entry* relay : some_present(config_.indirect_probes, probe_->target)) {
        if (relay->heard != Instant{} && now - relay->heard <= config_.period * kFreshPeriods) {
            probe_->owing.push_back(relay->claim.about);
        }
        out.push_back(Send{relay->claim.about, relay->claim.endpoint,
                           PingFor{probe_->target, probe_->sequence, target->claim.endpoint}});
    }
    probe_->others_owed = !probe_->owing.empty();
    probe_->question = next_question_++;
    out.push_back(ProbeStream{probe_->target, target->claim.endpoint, probe_->question});
}

void Membership::finish_probe(Instant now, Effects& out) {
    if (!probe_) return;
    const Probe probe = *probe_;
    probe_.reset();
    Entry* target = roster_.find(probe.target);
    if (probe.answered) {
        awareness_.better();
        unanswered_ = 0;
        return;
    }
    // Relays that hear us would have said that the target does not answer: missing one of them
    // speaks against ourselves, hearing all of them for us. Of those long silent nothing is
    // expected, or the few who outlive the many would doubt themselves for ever.
    if (!probe.owing.empty()) {
        awareness_.worse();
    } else if (probe.others_owed) {
        awareness_.better();
    }
    if (target != nullptr) accuse(now, *target, out);
    if (++unanswered_ >= kAloneAfter) doubt_everybody(now);
}

// Nobody at all is heard. To us the others are then unreachable, and no health of ours, good or
// bad, makes it untrue; but there is nobody to tell, and nobody is accused.
void Membership::doubt_everybody(Instant now) {
    for (const Entry& entry : roster_.entries()) {
        if (!present(standing_of(entry))) continue;
        suspicions_.try_emplace(
            entry.claim.about,
            now + suspicion_time(config_.suspicion_factor, roster_.staying() + 1, config_.period));
    }
}

void Membership::accuse(Instant now, Entry& entry, Effects& out) {
    if (!awareness_.may_accuse() || entry.claim.health == Health::Left) return;
    if (entry.finding != Finding::None) return;
    if (entry.claim.health == Health::Alive) {
        Claim accusation = entry.claim;
        accusation.health = Health::Suspect;
        learn(now, accusation, out);
        return;
    }
    suspicions_.try_emplace(
        entry.claim.about,
        now + suspicion_time(config_.suspicion_factor, roster_.staying() + 1, config_.period));
}

void Membership::probe_answered(Instant now, Effects& out) {
    probe_->answered = true;
    probe_->ask_others_at = kNever;
    if (Entry* entry = roster_.find(probe_->target)) alive_again(now, *entry, out);
}

void Membership::hear(Instant now, const Receive& from, const Ack& ack, Effects& out) {
    learn_all(now, from, ack.news, out);
    if (probe_ && ack.of == probe_->target && ack.sequence == probe_->sequence) {
        if (from.from == ack.of && !probe_->answered) {
            Entry* entry = roster_.find(ack.of);
            const Duration sample = now - probe_->started;
            if (entry != nullptr) {
                entry->rtt = entry->rtt == Duration{} ? sample : (entry->rtt * 7 + sample) / 8;
                datagram_answered(*entry, out);
            }
        }
        probe_answered(now, out);
        if (from.from == ack.of) compare_tables(now, from, ack.table, out);
        return;
    }
    const auto found = relays_.find(ack.sequence);
    if (found == relays_.end() || found->second.target != ack.of) return;
    const Relay relay = found->second;
    relays_.erase(found);
    out.push_back(Send{relay.asker, relay.asker_at,
                       Ack{ack.of, relay.asker_sequence, 0, news_.take(kNewsBudget)}});
}

void Membership::hear(Instant /*now*/, const Receive& from, const Nack& nack, Effects& /*out*/) {
    if (!probe_ || nack.target != probe_->target || nack.sequence != probe_->sequence) return;
    std::erase(probe_->owing, from.from);
}

void Membership::hear(Instant now, const Receive& from, const PingFor& request, Effects& out) {
    if (request.target == self_claim_.about) return;
    if (relays_.size() == kRelaysMax) relays_.erase(relays_.begin());
    const Entry* known = roster_.find(request.target);
    Entry target;
    target.claim.about = request.target;
    target.claim.endpoint = request.endpoint;
    if (known != nullptr) target = *known;
    const Sequence sequence = next_sequence_++;
    relays_.insert_or_assign(sequence, Relay{from.from, from.source, request.target,
                                             request.sequence, now + config_.direct_timeout});
    ping(target, sequence, out);
}

void Membership::hear(Instant now, const Receive& from, const Ping& asked, Effects& out) {
    learn_all(now, from, asked.news, out);
    out.push_back(
        Send{from.from, from.source,
             Ack{self_claim_.about, asked.sequence, table_fingerprint(), news_.take(kNewsBudget)}});
    compare_tables(now, from, asked.table, out);
}

// ---- streams

void Membership::on(Instant now, const StreamBroken& broken, Effects& out) {
    const Entry* entry = roster_.find(broken.peer);
    if (!speaking_ || entry == nullptr || entry->claim.health == Health::Left) return;
    if (entry->finding != Finding::None) return;
    const auto [last, first] = break_checked_.try_emplace(broken.peer, now);
    if (!first && now - last->second < kBreakCheckEvery) return;
    last->second = now;
    if (questions_.size() == kQuestionsMax) questions_.erase(questions_.begin());
    questions_[next_question_] = {broken.peer, entry->claim.incarnation};
    out.push_back(ProbeStream{broken.peer, entry->claim.endpoint, next_question_++});
}

void Membership::on(Instant now, const StreamProbed& probed, Effects& out) {
    if (!speaking_) return;
    const bool of_probe = probe_ && probe_->question == probed.question && probed.question != 0 &&
                          probe_->target == probed.peer;
    const auto asked = questions_.find(probed.question);
    const bool of_break = asked != questions_.end() && asked->second.peer == probed.peer;
    const Incarnation spoken_of = of_break   ? asked->second.incarnation
                                  : of_probe ? probe_->incarnation
                                             : 0;
    if (of_break) questions_.erase(asked);
    Entry* entry = roster_.find(probed.peer);
    if ((!of_probe && !of_break) || entry == nullptr) return;
    switch (probed.reach) {
        case Reach::Answered:
            if (of_probe && !probe_->answered) stream_answered(probed, *entry, out);
            if (of_probe) probe_answered(now, out);
            if (of_break) alive_again(now, *entry, out);
            break;
        case Reach::Refused:
            if (of_probe) probe_.reset();               // Known now; no accusation needed.
            if (spoken_of == entry->claim.incarnation)  // Else it has come back meanwhile.
                find_out(now, probed.peer, Finding::Refused, out);
            break;
        case Reach::Silent:
            if (of_break) accuse(now, *entry, out);
            break;
    }
}

void Membership::datagram_answered(Entry& entry, Effects& out) {
    if (entry.stream_only >= kStreamOnlyNotice) {
        out.push_back(Notice{NoticeKind::DatagramsFlow, entry.claim.about, entry.claim.endpoint});
    }
    entry.stream_only = 0;
}

// No datagram came back, the stream did: the node lives, and somebody should look at the firewall.
void Membership::stream_answered(const StreamProbed& probed, Entry& entry, Effects& out) {
    if (entry.heard_us != probed.heard_our_datagrams) entry.stream_only = 0;
    entry.heard_us = probed.heard_our_datagrams;
    if (entry.stream_only < kStreamOnlyNotice && ++entry.stream_only == kStreamOnlyNotice) {
        const auto kind = probed.heard_our_datagrams ? NoticeKind::DatagramsInBlocked
                                                     : NoticeKind::DatagramsOutBlocked;
        out.push_back(Notice{kind, entry.claim.about, entry.claim.endpoint});
    }
}

// ---- first-hand findings

void Membership::find_out(Instant now, NodeId node, Finding finding, Effects& out) {
    Entry* entry = roster_.find(node);
    if (entry == nullptr || entry->claim.health == Health::Left) return;
    const Standing before = standing_of(*entry);
    entry->finding = finding;
    if (finding != Finding::None) suspicions_.erase(node);
    if (standing_of(*entry) == before) return;
    entry->since = now;
    report_change(now, *entry, before, out);
}

// It has spoken, to us or to somebody we asked: whatever silence or refusal we found is over. An
// accusation at its present incarnation still stands until it refutes, and it is told so.
void Membership::alive_again(Instant now, Entry& entry, Effects& out) {
    if (entry.finding != Finding::None) {
        absent_returned_ = true;
        find_out(now, entry.claim.about, Finding::None, out);
    }
    if (entry.claim.health != Health::Suspect) {
        suspicions_.erase(entry.claim.about);
        return;
    }
    suspicions_.insert_or_assign(
        entry.claim.about,
        now + suspicion_time(config_.suspicion_factor, roster_.staying() + 1, config_.period));
    if (entry.told != Instant{} && now - entry.told < config_.period) return;
    entry.told = now;
    out.push_back(Send{entry.claim.about, entry.claim.endpoint, Gossip{{entry.claim}}});
}

}  // namespace shoal::membership
