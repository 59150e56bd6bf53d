// The replicated registry of one node: everybody's logs and the shared map, kept equal with
// everybody else's by eager sending and anti-entropy.
//
// A pure state machine (architecture 3, 4.2). What always holds between steps:
//   - nothing of our own is shown, sent or acknowledged before the journal has it;
//   - a foreign log stands exactly at a head its origin signed;
//   - merging is a join: order, repetition and path do not matter;
//   - at most one batch of own facts and one of client writes is with the journal at a time, so
//   what
//     gathers meanwhile goes together (group commit).
#pragma once

#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/signer.h"
#include "node/base/time.h"
#include "store/acks.h"
#include "store/origin_log.h"
#include "store/own_log.h"
#include "store/shared_map.h"
#include "store/types.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shoal::store {

struct Config {
    Duration anti_entropy = std::chrono::seconds{5};  // +-20 %, with one random peer
    Duration ack_deadline = std::chrono::seconds{2};
    std::uint32_t ack_copies = 3;                      // W
    Duration journal_retry = std::chrono::seconds{1};  // own facts after a failed write
    std::size_t origins_max = 20'000;
    std::size_t keys_max = 40'000;  // all their positions fit one frame
    OwnLog::Limits own{};
};

class Store {
public:
    // `rows`: what the journal holds of our tables. `signer` must outlive the store.
    Store(NodeId self, const Config& config, Random random, const Signer& signer,
          const Snapshot& rows);

    // The only way in. `now` never runs backwards.
    Effects step(Instant now, const Input& input);

    [[nodiscard]] Instant wakeup() const;

    // ---- what is known here

    [[nodiscard]] const Version* find(const std::string& key) const { return map_.find(key); }

    [[nodiscard]] const SharedMap& map() const { return map_; }

    // Null for an origin nothing is known of.
    [[nodiscard]] const OriginLog* log(const NodeId& origin) const;

    [[nodiscard]] const std::map<NodeId, OriginLog>& logs() const { return logs_; }

    [[nodiscard]] const OriginLog& own_log() const { return own_.log(); }

    // Equal on two nodes that hold the same.
    [[nodiscard]] std::uint64_t logs_fingerprint() const;

    [[nodiscard]] std::uint64_t map_fingerprint() const { return map_.fingerprint(); }

    // The last batch of ours the journal refused; empty while all is well.
    [[nodiscard]] const std::string& journal_trouble() const { return journal_trouble_; }

private:
    void on(Instant now, const Start& start, Effects& out);
    void on(Instant now, const Publish& publish, Effects& out);
    void on(Instant now, const Write& write, Effects& out);
    void on(Instant now, const Receive& receive, Effects& out);
    void on(Instant now, const PeerChanged& changed, Effects& out);
    void on(Instant now, const PeerReset& reset, Effects& out);
    void on(Instant now, const Persisted& persisted, Effects& out);
    void on(Instant now, const PersistFailed& failed, Effects& out);
    void on(Instant now, const Tick& tick, Effects& out);

    void hear(Instant now, NodeId from, const Delta& delta, Effects& out);
    void hear(Instant now, NodeId from, const DeltaRequest& request, Effects& out);
    void hear(Instant now, NodeId from, const Entry& entry, Effects& out);
    void hear(Instant now, NodeId from, const EntryAck& ack, Effects& out);
    void hear(Instant now, NodeId from, const Fingerprint& theirs, Effects& out);
    void hear(Instant now, NodeId from, const VectorDigest& theirs, Effects& out);
    void hear(Instant now, NodeId from, const DigestDone& done, Effects& out);

    // own facts
    void stage_facts(Instant now, Effects& out);
    void commit_facts(Effects& out);
    void hear_of_own(NodeId from, const Delta& delta, Effects& out);

    // client writes
    [[nodiscard]] bool has_room(const std::string& key) const;
    void stage_writes(Instant now, Effects& out);
    void commit_writes(Instant now, Effects& out);
    // What the writes of one batch make, per key in the order they make it.
    using Planned = std::map<std::string, std::vector<Version>>;
    std::optional<Version> plan(const Write& write, Planned& planned, Effects& out);
    void await_acks(Instant now, const Write& write, const Version& version, Effects& out);
    void answer_finished(Instant now, Effects& out);
    [[nodiscard]] std::uint32_t members() const;

    // anti-entropy
    void sync_with(Instant now, NodeId peer, Effects& out);
    void sync_soon(Instant now, NodeId peer);
    void push_what_is_lacking(NodeId to, const VectorDigest& theirs, Effects& out);
    [[nodiscard]] VectorDigest our_digest(std::uint64_t round, bool answer) const;
    [[nodiscard]] Instant next_round(Instant now);

    [[nodiscard]] bool over_budget(const OriginLog* held, const Delta& delta) const;
    void merge(const std::string& key, const Version& version, Batch& rows, Effects& out);
    void show(const NodeId& origin, const OriginLog& log,
              const std::vector<OriginLog::Change>& changes, Effects& out);
    void broadcast(const Message& message, Effects& out) const;
    void persist_lazily(Batch rows, Effects& out);

    struct WritesInFlight {
        Token token = 0;
        std::vector<std::pair<Write, Version>> writes{};
    };

    struct OwedAck {  // an entry of a peer's that is on its way to disk
        NodeId to{};
        std::string key{};
        VersionId version = 0;
    };

    NodeId self_;
    Config config_;
    Random random_;
    const Signer& signer_;
    Instant last_step_ = Instant::min();
    bool started_ = false;

    OwnLog own_;
    std::map<NodeId, OriginLog> logs_;  // foreign ones
    std::uint64_t foreign_fingerprint_ = 0;
    SharedMap map_;
    Peers peers_;
    Acks acks_;

    Batch leftovers_;  // rows of logs that did not fit their head, to be erased
    Token last_token_ = 0;
    Token facts_token_ = 0;  // own facts with the journal; 0 = none
    Instant facts_retry_at_ = kNever;
    std::string journal_trouble_;
    std::vector<Write> write_queue_;
    std::optional<WritesInFlight> writes_;
    std::map<Token, OwedAck> owed_;

    Instant round_at_ = kNever;
    std::uint64_t round_ = 0;
    std::map<NodeId, std::uint64_t> rounds_;  // the exchange we began with each peer
    std::map<NodeId, Instant> soon_;          // exchanges due before the next round
    bool ever_synced_ = false;
};

// One log's share of the fingerprint of all.
[[nodiscard]] std::uint64_t position_hash(const LogPosition& position);

}  // namespace shoal::store
