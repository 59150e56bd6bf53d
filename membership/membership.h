// SWIM membership for one node: who is in the cluster, and who has fallen silent.
//
// A pure state machine (architecture 3, 4.1): told the time and what arrived, it answers with what
// to send and what changed. See Das, Gupta, Motivala, "SWIM" (2002) and Dadgar, Phillips, Currey,
// "Lifeguard" (2018).
#pragma once

#include "membership/awareness.h"
#include "membership/claim.h"
#include "membership/news.h"
#include "membership/roster.h"
#include "membership/types.h"
#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/standing.h"
#include "node/base/time.h"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace shoal::membership {

// What is believed of one node, for people and for the other machines.
struct Member {
    Claim claim{};
    Standing standing = Standing::Alive;
    Instant since{};         // when it got this standing, on our clock
    Duration rtt{};          // smoothed round trip; zero = not measured
    bool announced = false;  // it said it would restart
};

struct Config {
    Duration period = std::chrono::milliseconds{500};  // T', one probe each
    Duration direct_timeout = std::chrono::milliseconds{200};
    std::uint32_t indirect_probes = 3;    // k
    std::uint32_t suspicion_factor = 4;   // x max(1, log10 N) x T'
    std::uint32_t retransmit_factor = 4;  // x ceil(log10(N + 1)) sends per claim
    Duration gossip_interval = std::chrono::milliseconds{100};
    std::uint32_t gossip_fanout = 4;
    Duration seed_retry_min = std::chrono::milliseconds{500};
    Duration seed_retry_max = std::chrono::seconds{15};
    Duration table_interval = std::chrono::seconds{5};  // at most one table exchange per this
    std::uint64_t incarnation_block = 1024;
    // A peer cannot make us remember more; all of them still fit one frame.
    std::size_t members_max = 11'000;
};

// How it works, in one paragraph. Each period one member is pinged, in a shuffled round. If its
// answer is late, a few others are asked to ping it and a connection to it is opened at the same
// time. If nobody got an answer by the end of the period it is accused: a SUSPECT claim travels on
// the back of later messages, and reaches the accused, who refutes by raising its incarnation. A
// suspect that does not refute becomes UNREACHABLE, which is this node's opinion and never travels;
// it keeps being probed, with the accusation attached, so that a healed link is noticed by both
// sides. A refused connection makes AGENT_DOWN, also first-hand only. Nothing here certifies a
// death.
//
// What always holds between steps: at most one probe is in flight, and never of ourselves; we speak
// on the network only under an incarnation whose block is reserved on disk; wakeup() is never later
// than the earliest deadline we hold.
class Membership {
public:
    // `rows`: what the journal holds of Table::Meta and Table::Members.
    Membership(NodeId self, const Config& config, Random random, BootNonce boot,
               const Snapshot& rows);

    // The only way in. `now` never runs backwards.
    Effects step(Instant now, const Input& input);

    [[nodiscard]] Instant wakeup() const;

    // All known, ourselves included, by id.
    [[nodiscard]] std::vector<Member> members() const;
    [[nodiscard]] std::optional<Member> find(NodeId node) const;

    [[nodiscard]] Incarnation incarnation() const { return self_claim_.incarnation; }

    // The incarnation is reserved and we take part.
    [[nodiscard]] bool started() const { return speaking_; }

    [[nodiscard]] std::uint32_t local_health() const { return awareness_.score(); }

    [[nodiscard]] NodeId self() const { return self_claim_.about; }

private:
    struct Question {
        NodeId peer{};
        Incarnation incarnation = 0;  // an answer speaks of the process that was asked
    };

    struct Probe {
        NodeId target{};
        Sequence sequence = 0;
        std::uint64_t question = 0;   // of the stream probe, once asked
        Incarnation incarnation = 0;  // of the target when it began
        Instant started{};
        Instant ask_others_at = kNever;
        std::vector<NodeId> owing{};  // relays lately heard from that have not answered yet
        bool others_owed = false;     // there were such
        bool answered = false;
    };

    struct Relay {
        NodeId asker{};
        Endpoint asker_at{};
        NodeId target{};
        Sequence asker_sequence = 0;
        Instant nack_at = kNever;
    };

    void on(Instant now, const Start& start, Effects& out);
    void on(Instant now, const Receive& receive, Effects& out);
    void on(Instant now, const SeedsResolved& resolved, Effects& out);
    void on(Instant now, const StreamBroken& broken, Effects& out);
    void on(Instant now, const StreamProbed& probed, Effects& out);
    void on(Instant now, const Leave& leave, Effects& out);
    void on(Instant now, const Restarting& restarting, Effects& out);
    void on(Instant now, const Persisted& persisted, Effects& out);
    void on(Instant now, const PersistFailed& failed, Effects& out);
    void on(Instant now, const Tick& tick, Effects& out);

    void hear(Instant now, const Receive& from, const Ping& ping, Effects& out);
    void hear(Instant now, const Receive& from, const PingFor& request, Effects& out);
    void hear(Instant now, const Receive& from, const Ack& ack, Effects& out);
    void hear(Instant now, const Receive& from, const Nack& nack, Effects& out);
    void hear(Instant now, const Receive& from, const Gossip& gossip, Effects& out);
    void hear(Instant now, const Receive& from, const Join& join, Effects& out);
    void hear(Instant now, const Receive& from, const Welcome& welcome, Effects& out);
    void hear(Instant now, const Receive& from, const TableRequest& request, Effects& out);
    void hear(Instant now, const Receive& from, const MemberTable& table, Effects& out);
    void hear(Instant now, const Receive& from, const Restart& restart, Effects& out);

    void learn(Instant now, const Claim& claim, Effects& out);
    void learn_all(Instant now, const Receive& from, const Claims& claims, Effects& out);
    void tell(Instant now, const Claim& claim, std::uint32_t times);
    void learn_of_self(Instant now, const Claim& claim, Effects& out);
    void raise_incarnation(Instant now, Incarnation above, Effects& out);
    void reserve(Effects& out);
    void proof_of_life(Instant now, const Receive& from, Effects& out);
    void introduce(Instant now, const Receive& from, Effects& out);
    void alive_again(Instant now, Entry& entry, Effects& out);
    void find_out(Instant now, NodeId node, Finding finding, Effects& out);
    void report_change(Instant now, const Entry& entry, std::optional<Standing> before,
                       Effects& out);
    void accuse(Instant now, Entry& entry, Effects& out);
    void doubt_everybody(Instant now);

    void start_probe(Instant now, Effects& out);
    void ask_others(Instant now, Effects& out);
    void finish_probe(Instant now, Effects& out);
    void probe_answered(Instant now, Effects& out);
    static void datagram_answered(Entry& entry, Effects& out);
    void stream_answered(const StreamProbed& probed, Entry& entry, Effects& out);
    void ping(const Entry& entry, Sequence sequence, Effects& out);
    const Entry* next_target();
    void look_for_the_absent(Effects& out);
    std::vector<const Entry*> some_present(std::size_t count, NodeId except);

    void gossip(Instant now, Effects& out);
    void expire(Instant now, Effects& out);
    void retry_seeds(Instant now, Effects& out);
    void compare_tables(Instant now, const Receive& from, std::uint64_t theirs, Effects& out);
    void ask_for_table(Instant now, NodeId whom, Effects& out);
    void remember(Instant now);
    void flush_memory(Effects& out);
    [[nodiscard]] Claims all_claims() const;
    [[nodiscard]] std::uint64_t table_fingerprint() const;
    [[nodiscard]] std::uint32_t sends() const;
    [[nodiscard]] bool anybody_present() const;
    [[nodiscard]] Duration period() const;

    Config config_;
    Random random_;
    Claim self_claim_{};
    Incarnation reserved_ = 0;  // incarnations up to it are ours to use, on disk
    Incarnation asked_ = 0;     // being reserved
    Incarnation raise_to_ = 0;  // taken as soon as it is reserved
    Token last_token_ = 0;
    Token reserve_token_ = 0;  // outstanding; 0 = none
    bool speaking_ = false;
    bool has_seeds_ = false;
    Instant started_at_{};
    Instant last_step_ = Instant::min();

    Roster roster_;
    Awareness awareness_;
    News news_;

    std::vector<NodeId> rota_;  // shuffled once per lap: nobody waits longer than two laps
    std::size_t rota_next_ = 0;
    std::uint32_t periods_ = 0;
    NodeId last_absent_{};          // asked besides the rota
    bool absent_returned_ = false;  // since they were last asked
    Instant period_ends_ = kNever;
    std::optional<Probe> probe_;
    std::uint32_t unanswered_ = 0;  // probes in a row with no word from anybody
    Sequence next_sequence_ = 1;
    std::uint64_t next_question_ = 1;
    std::map<std::uint64_t, Question> questions_;  // stream probes outside the rota
    std::map<NodeId, Instant> break_checked_;      // last check of a broken stream, per peer
    std::map<Sequence, Relay> relays_;
    std::map<NodeId, Instant> suspicions_;  // when a suspect's time is up
    Instant gossip_at_ = kNever;

    Instant seeds_at_ = kNever;
    Duration seeds_wait_{};
    bool seeds_notice_given_ = false;
    Instant table_next_{};             // no table exchange of ours before
    Instant introduce_next_{};         // strangers are greeted no more often
    bool table_wanted_ = false;        // we have just joined
    std::uint32_t tables_differ_ = 0;  // comparisons in a row
    Instant leave_ends_ = kNever;
    Instant memory_at_ = kNever;  // when the roster is written down
    Instant retry_reserve_at_ = kNever;
    std::set<NodeId> unremembered_;
    std::optional<Instant> twin_seen_;
};

}  // namespace shoal::membership
