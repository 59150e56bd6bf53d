#include "store/store.h"

#include "node/base/check.h"
#include "node/base/hash.h"
#include "node/base/mutant.h"
#include "store/codec.h"

#include <algorithm>
#include <utility>

namespace shoal::store {

std::uint64_t position_hash(const LogPosition& position) {
    const auto origin = mix(position.origin.high) ^ mix(position.origin.low + 1);
    return mix(origin + mix(position.log_epoch * 31 + mix(position.seq)));
}

Store::Store(NodeId self, const Config& config, Random random, const Signer& signer,
             const Snapshot& rows)
    : self_(self),
      config_(config),
      random_(random),
      signer_(signer),
      own_(self, signer, config.own) {
    std::map<NodeId, Head> heads;
    std::map<NodeId, std::map<std::string, OriginLog::Stored>> records;
    std::vector<Boot> boots;
    for (const Row& row : rows) {
        if (const auto head = read_head(row)) {
            heads[head->origin] = *head;
        } else if (auto log = read_record(row)) {
            const std::string key = log->record.key;
            records[log->origin][key] = {std::move(log->record), {}};
        } else if (row.table == Table::Heads || row.table == Table::Log) {
            leftovers_.push_back({row.table, row.key, std::nullopt});
        }
        if (const auto entry = read_version(row)) {
            for (const VersionId id : map_.merge(entry->key, entry->version).dropped) {
                leftovers_.push_back(erased_version_row(entry->key, id));
            }
        }
        if (row.table == Table::Meta && row.key == "store/boots" && row.value) {
            boots = decode_boots(row.value->view());
        }
    }
    for (const auto& [origin, head] : heads) {
        // Foreign rows are written without a sync: a log that does not fit its head is dropped and
        // comes back from its origin. Our own is synced; losing it is what log_epoch is for.
        OriginLog log;
        if (!log.restore(head, records[origin], signer)) {
            leftovers_.push_back({Table::Heads, head_row(head).key, std::nullopt});
            continue;
        }
        records.erase(origin);
        if (origin == self) {
            own_.restore(std::move(log), boots);
            continue;
        }
        foreign_fingerprint_ += position_hash({origin, head.log_epoch, head.seq});
        logs_.emplace(origin, std::move(log));
    }
    // Left lying, they would spoil the log that comes in its place.
    for (const auto& [origin, of_nobody] : records) {
        for (const auto& [key, stored] : of_nobody) {
            leftovers_.push_back(erased_record_row(origin, key));
        }
    }
}

Effects Store::step(Instant now, const Input& input) {
    SHOAL_CHECK(now >= last_step_);
    last_step_ = now;
    Effects out;
    std::visit([&](const auto& event) { on(now, event, out); }, input);
    if (started_ && own_.ready()) stage_facts(now, out);
    if (started_ && !writes_ && !write_queue_.empty()) stage_writes(now, out);
    answer_finished(now, out);
    return out;
}

Instant Store::wakeup() const {
    Instant next = std::min({round_at_, facts_retry_at_, acks_.wakeup(), own_.next_sweep()});
    for (const auto& [peer, at] : soon_) {
        next = std::min(next, at);
    }
    return next;
}

const OriginLog* Store::log(const NodeId& origin) const {
    if (origin == self_) return &own_.log();
    const auto found = logs_.find(origin);
    return found == logs_.end() ? nullptr : &found->second;
}

std::uint64_t Store::logs_fingerprint() const {
    if (own_.log().empty()) return foreign_fingerprint_;
    const Head& head = own_.log().head();
    return foreign_fingerprint_ + position_hash({self_, head.log_epoch, head.seq});
}

void Store::on(Instant now, const Start& start, Effects& out) {
    if (started_) return;
    started_ = true;
    own_.boot(now, start.incarnation, start.boot);
    persist_lazily(std::exchange(leftovers_, {}), out);
    const auto show_all = [&](const NodeId& origin, const OriginLog& log) {
        std::vector<OriginLog::Change> all;
        for (const auto& [key, stored] : log.records()) {
            if (!stored.record.tombstone) all.push_back({key, false});
        }
        show(origin, log, all, out);
    };
    for (const auto& [key, held] : map_.all()) {
        out.push_back(EntryChanged{key, held.versions.at(held.winner), map_.conflict(key)});
    }
    show_all(self_, own_.log());
    for (const auto& [origin, log] : logs_) {
        show_all(origin, log);
    }
}

void Store::on(Instant now, const Receive& receive, Effects& out) {
    if (!started_ || receive.from == self_) return;
    std::visit([&](const auto& message) { hear(now, receive.from, message, out); },
               receive.message);
}

void Store::on(Instant now, const PeerChanged& changed, Effects& /*out*/) {
    if (changed.peer == self_) return;
    const auto known = peers_.find(changed.peer);
    const bool was_present = known != peers_.end() && present(known->second);
    if (peers_.size() < config_.origins_max || known != peers_.end()) {
        peers_.insert_or_assign(changed.peer, changed.standing);
    }
    if (!present(changed.standing)) {
        soon_.erase(changed.peer);
        rounds_.erase(changed.peer);
        return;
    }
    if (!was_present) sync_soon(now, changed.peer);
    if (round_at_ == kNever) round_at_ = next_round(now);
}

void Store::on(Instant now, const PeerReset& reset, Effects& /*out*/) {
    rounds_.erase(reset.peer);
    const auto known = peers_.find(reset.peer);
    if (known != peers_.end() && present(known->second)) sync_soon(now, reset.peer);
}

void Store::on(Instant now, const Persisted& persisted, Effects& out) {
    journal_trouble_.clear();
    if (persisted.token == facts_token_ && facts_token_ != 0) {
        commit_facts(out);
    } else if (writes_ && persisted.token == writes_->token) {
        commit_writes(now, out);
    } else if (const auto owed = owed_.find(persisted.token); owed != owed_.end()) {
        out.push_back(Send{owed->second.to, EntryAck{owed->second.key, owed->second.version}});
        owed_.erase(owed);
    }
}

void Store::on(Instant now, const PersistFailed& failed, Effects& out) {
    journal_trouble_ = failed.why;
    owed_.erase(failed.token);  // The writer hears nothing and names us as missing.
    if (failed.token == facts_token_ && facts_token_ != 0) {
        facts_token_ = 0;
        facts_retry_at_ = now + config_.journal_retry;
    }
    if (!writes_ || failed.token != writes_->token) return;
    for (const auto& [write, version] : writes_->writes) {
        out.push_back(WriteDone{.request = write.request,
                                .outcome = WriteOutcome::Failed,
                                .key = write.key,
                                .why = failed.why});
    }
    writes_.reset();
}

void Store::on(Instant now, const Tick& /*tick*/, Effects& out) {
    if (facts_retry_at_ <= now) {
        facts_retry_at_ = kNever;
        facts_token_ = ++last_token_;
        out.push_back(Persist{facts_token_, true, own_.staged_rows()});
    }
    if (own_.next_sweep() <= now) own_.sweep(now);
    std::vector<NodeId> due;
    for (const auto& [peer, at] : soon_) {
        if (at <= now) due.push_back(peer);
    }
    for (const NodeId& peer : due) {
        soon_.erase(peer);
        sync_with(now, peer, out);
    }
    if (round_at_ > now) return;
    std::vector<NodeId> here;
    for (const auto& [peer, standing] : peers_) {
        if (present(standing)) here.push_back(peer);
    }
    round_at_ = here.empty() ? kNever : next_round(now);
    if (!here.empty()) sync_with(now, here[random_.below(here.size())], out);
}

// ---- own facts

void Store::on(Instant /*now*/, const Publish& publish, Effects& out) {
    for (const auto& key : own_.publish(publish.facts)) {
        out.push_back(Notice{NoticeKind::OverBudget, self_, key});
    }
}

void Store::stage_facts(Instant now, Effects& out) {
    facts_token_ = ++last_token_;
    out.push_back(Persist{facts_token_, true, own_.stage(now)});
}

void Store::commit_facts(Effects& out) {
    facts_token_ = 0;
    const auto committed = own_.commit();
    show(self_, own_.log(), committed.changes, out);
    broadcast(committed.delta, out);
}

// Somebody shows us a head of ours. If we do not remember signing it, our journal was lost or
// rolled back, and others may hold facts we would contradict under the same numbers.
void Store::hear_of_own(NodeId from, const Delta& delta, Effects& out) {
    if (!verify(delta.head, signer_)) {
        out.push_back(Notice{NoticeKind::BadHead, from, "a forged head of ours"});
        return;
    }
    if (!own_.forgot(delta.head) || SHOAL_MUTANT(ReuseSeqAfterRollback)) return;
    out.push_back(
        Notice{NoticeKind::LogRaised, from, "our journal is older than what others hold"});
    own_.raise_above(delta.head);
}

void Store::show(const NodeId& origin, const OriginLog& log,
                 const std::vector<OriginLog::Change>& changes, Effects& out) {
    for (const auto& change : changes) {
        FactChanged fact{.origin = origin, .key = change.key, .seq = log.head().seq};
        const auto stored = log.records().find(change.key);
        if (stored != log.records().end()) {
            fact.seq = stored->second.record.seq;
            if (!stored->second.record.tombstone) fact.value = stored->second.record.value;
        }
        out.push_back(std::move(fact));
    }
}

void Store::broadcast(const Message& message, Effects& out) const {
    for (const auto& [peer, standing] : peers_) {
        if (present(standing)) out.push_back(Send{peer, message});
    }
}

void Store::persist_lazily(Batch rows, Effects& out) {
    if (!rows.empty()) out.push_back(Persist{++last_token_, false, std::move(rows)});
}

}  // namespace shoal::store
