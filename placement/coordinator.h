// Looks after the slots of the jobs this node is first for, or stands in for who is: finds what is
// missing, asks for bids, awards, and tries again.
//
// The role is nobody's property. It is computed from who is present, keeps nothing durable and is
// rebuilt from claims; two nodes holding it at once cost a refused award or a duplicate that the
// winner rule settles, never more than an executor's ledger allows (architecture 4.3).
#pragma once

#include "node/base/random.h"
#include "node/base/time.h"
#include "placement/delays.h"
#include "placement/types.h"
#include "placement/view.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shoal::placement {

struct CoordinatorConfig {
    Delays delays{};
    Duration bid_deadline = std::chrono::milliseconds{300};
    Duration rank_answer = std::chrono::seconds{1};  // a higher rank's time to answer
    Duration stand_down = std::chrono::seconds{5};   // after it did
    Duration takeover_wait =
        std::chrono::seconds{5};  // a former coordinator's tickets may be alive
    Duration award_resend = std::chrono::milliseconds{500};
    Duration award_life =
        std::chrono::seconds{5};  // the ticket is dead by then, and so is the award
    Duration claim_wait = std::chrono::seconds{5};  // from Awarded to the claim being visible
    Duration retry_min = std::chrono::milliseconds{50};
    Duration retry_max = std::chrono::seconds{5};
    Duration failed_node_backoff = std::chrono::seconds{30};
    std::uint32_t candidates_min = 4;
    std::uint32_t candidates_max = 256;
};

class Coordinator {
public:
    Coordinator(const View& view, const CoordinatorConfig& config, Random random);

    // Something about the job changed: look at it now.
    void wake(const std::string& job);
    void wake_all();
    void settled();
    void peer_lost(NodeId peer);

    void hear(Instant now, NodeId from, const Bid& bid);
    void hear(Instant now, NodeId from, const NoBid& no);
    void hear(Instant now, NodeId from, const Awarded& answer);
    void hear(Instant now, NodeId from, const StatusRequest& asked, Effects& out) const;
    void hear(Instant now, NodeId from, const Status& answer);

    // Does what is due. Call at the end of every step.
    void run(Instant now, Effects& out);

    [[nodiscard]] Instant wakeup() const;

    [[nodiscard]] bool is_settled() const { return settled_; }

    // The last word of each node on this job, and one sentence about what is missing; empty if
    // nothing is known to be.
    [[nodiscard]] std::vector<Verdict> verdicts(const std::string& job) const;
    [[nodiscard]] std::string sentence(const std::string& job) const;

private:
    struct Need {
        std::uint32_t index = 0;
        std::optional<Replaces> replaces{};
        std::optional<NodeId> only{};  // the one node that can take it
        bool stop_first = false;
    };

    // Where the volumes of a slot let it run.
    struct Pin {
        std::optional<NodeId> only{};
        std::string waits{};  // not empty: nowhere now, and why
        std::string why{};    // `only`, and nobody else
    };

    // Of a volume that was awarded and that nobody has told of yet.
    struct Leaning {
        NodeId node{};
        Instant until{};
    };

    struct Round {
        Request request = 0;
        Instant deadline{};
        std::set<NodeId> asked{};
        std::map<NodeId, Bid> bids{};
        std::optional<Instead> instead{};
    };

    struct Winner {
        NodeId node{};
        Ticket ticket = 0;
        std::vector<AwardedSlot> slots{};
    };

    struct OpenAward {
        NodeId to{};
        Award award{};
        Instant expires{};
        Instant resend_at{};
    };

    struct Job {
        Instant due{};               // when to look again
        std::uint32_t failures = 0;  // rounds in a row that left something unplaced
        std::optional<Round> round{};
        std::map<Request, OpenAward> awards{};
        std::map<std::uint32_t, Instant> busy{};  // slot accepted, its claim not seen yet: until
        std::map<std::uint32_t, Epoch> issued{};  // highest epoch tried per slot
        std::map<NodeId, Verdict> verdicts{};
        std::string sentence{};
        std::map<std::uint32_t, std::string> waiting{};  // slots, and for what
        std::string key{};                               // whose order says who acts
        bool waits = false;                              // for other jobs
        std::uint64_t rank_version = 0;                  // roster_version the next three belong to
        std::uint32_t rank = 0;
        std::vector<NodeId> above{};
        Request status_request = 0;
        Instant status_deadline = kNever;
        Instant stood_down_until{};
    };

    void consider(Instant now, const std::string& name, Job& job, Effects& out);
    bool may_begin(const JobSpec& spec, Job& job, Effects& out) const;
    void say_missing(const JobSpec& spec, Job& job, std::string text, Effects& out) const;
    void refresh_rank(const std::string& name, Job& job) const;
    bool may_act(Instant now, const std::string& name, Job& job, Effects& out);
    std::vector<Need> needs(Instant now, const JobSpec& spec, Job& job, Instant& again) const;
    [[nodiscard]] Need update_of(Instant now, const JobSpec& spec, const Job& job,
                                 std::uint32_t index, const Held& old) const;
    [[nodiscard]] Pin pin_of(Instant now, const JobSpec& spec, std::uint32_t index) const;
    [[nodiscard]] std::optional<NodeId> holder_of(Instant now, const VolumeId& id) const;
    [[nodiscard]] std::string only_there(Instant now, const JobSpec& spec, const Need& need) const;
    void tell_waiting(const std::string& name, const JobSpec& spec, Job& job, Effects& out);
    void lean(Instant now, const NodeId& to, const JobSpec& spec, std::uint32_t index);
    void lean_no_more(const NodeId& to, const JobSpec& spec, std::uint32_t index);
    [[nodiscard]] Instant lost_at(const Held& held, const JobSpec& spec) const;
    [[nodiscard]] Instant lost_at(const NodeId& node, const JobSpec& spec) const;
    [[nodiscard]] Instant takeover_at(const std::string& key) const;
    void solicit(Instant now, const JobSpec& spec, Job& job, const std::vector<Need>& missing,
                 Effects& out);
    [[nodiscard]] std::vector<NodeId> candidates(Instant now, const JobSpec& spec, Job& job,
                                                 const std::vector<Need>& missing);
    [[nodiscard]] std::vector<Reason> unfit(Instant now, const NodeId& node,
                                            const JobSpec& spec) const;
    void clear(Instant now, const JobSpec& spec, Job& job, Effects& out);
    void award(Instant now, const JobSpec& spec, Job& job, const Winner& won, Effects& out);
    void tend_awards(Instant now, Job& job, Effects& out);
    void explain_missing(const JobSpec& spec, Job& job, std::size_t missing, Effects& out);
    [[nodiscard]] Duration retry_after(std::uint32_t failures);

    const View& view_;
    CoordinatorConfig config_;
    Random random_;
    bool settled_ = false;
    Request last_request_ = 0;
    std::map<std::string, Job> jobs_;
    std::map<VolumeId, Leaning> leanings_;
    // Executors that gave up on a template lately: (job, node) -> until.
    mutable std::map<std::pair<std::string, NodeId>, Instant> failed_on_;
};

}  // namespace shoal::placement
