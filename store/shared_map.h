// What many may write: for every key the versions held, of which the highest wins.
//
// `merge` is a join: it takes the union by version and keeps the highest few, so any order, any
// repetition and any path lead to the same state (architecture 4.2). Nothing is retracted.
//
// Two versions with one submission id are one write, accepted twice by a client's retry: they share
// a VersionId and the higher of the two stands for both.
#pragma once

#include "node/base/bytes.h"
#include "store/messages.h"
#include "store/records.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::store {

class SharedMap {
public:
    struct Held {
        std::map<VersionId, Version> versions{};
        VersionId winner = 0;
        std::uint64_t hash = 0;  // over all versions
    };

    struct Merged {
        bool stored = false;  // something changed
        bool winner_changed = false;
        bool conflict_changed = false;
        std::vector<VersionId> dropped{};  // beyond the number kept
    };

    Merged merge(const std::string& key, const Version& version);

    [[nodiscard]] const Held* held(const std::string& key) const;
    // The winner, tombstone or not; null if nothing was ever written.
    [[nodiscard]] const Version* find(const std::string& key) const;
    // Some version held is not an ancestor of the winner. What lies below the oldest ancestor held
    // is taken for one: its link to the winner is no longer known.
    [[nodiscard]] bool conflict(const std::string& key) const;
    // The versions that are not ancestors of the winner.
    [[nodiscard]] std::vector<Version> conflicting(const std::string& key) const;

    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

    [[nodiscard]] const std::map<std::string, Held>& all() const { return keys_; }

    [[nodiscard]] std::vector<MapPosition> positions() const;

private:
    [[nodiscard]] static std::vector<VersionId> strangers(const Held& held);

    std::map<std::string, Held> keys_;
    std::uint64_t fingerprint_ = 0;
};

[[nodiscard]] std::uint64_t key_hash(const std::string& key);

}  // namespace shoal::store
