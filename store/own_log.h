// The writer's side of this node's own log: what is asked to be published is gathered, staged as
// one batch with a freshly signed head, and becomes the log when it is on disk. Nothing is shown or
// sent before that, so a crash can never make one (log_epoch, seq) name two contents.
//
// A journal that was lost or rolled back shows itself when others hold a head of ours we do not
// remember signing: log_epoch is raised above theirs and everything is published anew.
#pragma once

#include "node/base/id.h"
#include "node/base/signer.h"
#include "node/base/time.h"
#include "store/origin_log.h"
#include "store/types.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shoal::store {

class OwnLog {
public:
    struct Limits {
        std::size_t live_keys = 2'000;
        std::size_t live_bytes = 512 * 1024;
        Duration tombstones_for = std::chrono::minutes{15};
    };

    OwnLog(NodeId self, const Signer& signer, const Limits& limits);

    void restore(OriginLog log, std::vector<Boot> boots);
    void boot(Instant now, std::uint64_t incarnation, std::uint64_t boot_nonce);

    // Queues facts. Those that change nothing are left out; those over the budget are refused and
    // named.
    [[nodiscard]] std::vector<std::string> publish(const std::vector<Fact>& facts);

    // Something waits and nothing is staged.
    [[nodiscard]] bool ready() const { return !staged_ && (touched_ || !queue_.empty()); }

    // Makes the next batch out of what waits; it is staged until `commit`.
    [[nodiscard]] Batch stage(Instant now);
    [[nodiscard]] Batch staged_rows() const;  // to ask for again after a failure

    struct Committed {
        Delta delta{};
        std::vector<OriginLog::Change> changes{};
    };

    [[nodiscard]] Committed commit();

    // Somebody holds this head of ours, well signed. True if we must have forgotten it.
    [[nodiscard]] bool forgot(const Head& seen) const;
    void raise_above(const Head& seen);

    // Time to drop tombstones older than the limit; kNever if there are none.
    [[nodiscard]] Instant next_sweep() const;
    void sweep(Instant now);

    [[nodiscard]] const OriginLog& log() const { return log_; }

private:
    [[nodiscard]] bool remembers(const Head& seen) const;
    void resize(const std::string& key, std::size_t size);

    struct Staged {
        Delta delta{};
        Batch rows{};
    };

    NodeId self_;
    const Signer& signer_;
    Limits limits_;
    OriginLog log_;
    std::vector<Boot> boots_;
    std::uint64_t incarnation_ = 0;
    std::uint64_t boot_ = 0;
    std::uint64_t epoch_ = 1;      // of the next head
    std::uint64_t seq_above_ = 0;  // the next seq exceeds this
    std::uint64_t floor_ = 0;      // of the next head
    bool touched_ = false;         // a head is due although no fact changed
    bool reset_ = false;           // the next batch is the whole log in a new epoch
    std::map<std::string, std::optional<Blob>> queue_;
    std::optional<Staged> staged_;
    std::map<std::string, Instant> buried_;     // tombstones, and since when on our clock
    std::map<std::string, std::size_t> sizes_;  // of all values, once what waits is written
    std::size_t live_bytes_ = 0;                // their sum
};

}  // namespace shoal::store
