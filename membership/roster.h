// What one node believes of all the others (never of itself): the strongest claim heard of each,
// and what was found out first-hand.
//
// `merge` is a join: claims may arrive in any order and any number of times. First-hand findings
// (Refused, Silent) are local, tied to the incarnation they were made about, and never travel.
// A flat vector sorted by id: thousands of rosters must fit a simulation.
#pragma once

#include "membership/claim.h"
#include "node/base/id.h"
#include "node/base/standing.h"
#include "node/base/time.h"

#include <cstdint>
#include <vector>

namespace shoal::membership {

enum class Finding : std::uint8_t { None, Refused, Silent };

struct Entry {
    Claim claim{};
    Finding finding = Finding::None;
    bool announced = false;        // it said it would restart, in this incarnation
    Instant since{};               // when its standing last changed
    Instant heard{};               // when it last spoke to us itself
    Instant told{};                // when we last told it that it is accused
    Duration rtt{};                // smoothed; zero = not measured
    std::uint8_t stream_only = 0;  // probes in a row that only the stream answered, all alike:
    bool heard_us = false;         // ... the peer had heard our datagrams
};

[[nodiscard]] Standing standing_of(const Entry& entry);

class Roster {
public:
    explicit Roster(std::size_t members_max) : members_max_(members_max) {}

    enum class Merged : std::uint8_t { Nothing, Added, Changed };

    // Takes the claim if it outranks what is known. A higher incarnation ends every finding.
    Merged merge(const Claim& claim, Instant now);

    [[nodiscard]] Entry* find(const NodeId& node);
    [[nodiscard]] const Entry* find(const NodeId& node) const;

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

    // Sum over all claims: equal for equal rosters, whatever the order they grew in.
    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

    // Members that can be spoken of as present or as coming back: all but those who left.
    [[nodiscard]] std::size_t staying() const { return staying_; }

private:
    std::vector<Entry> entries_;
    std::size_t members_max_;
    std::size_t staying_ = 0;
    std::uint64_t fingerprint_ = 0;
};

// One claim's share of a fingerprint.
[[nodiscard]] std::uint64_t fingerprint_of(const Claim& claim);

}  // namespace shoal::membership
