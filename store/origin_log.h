// One node's log as everybody holds it: newest record per key, and the signed head it stands at.
//
// A replica stands always exactly at a signed head: `apply` either leads from where we are to the
// delta's head, proven by signature and content, or changes nothing. Deleted facts stay as
// tombstones until the floor passes them; who is below the floor gets the whole log anew.
#pragma once

#include "node/base/signer.h"
#include "store/messages.h"
#include "store/records.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::store {

class OriginLog {
public:
    struct Stored {
        Record record{};
        Digest digest{};  // of the record, computed once
    };

    enum class Applied : std::uint8_t {
        Done,
        Old,           // we stand there already, or further
        Gap,           // starts above us, or another epoch without a reset: ask for it
        Forged,        // signature or key do not fit
        Diverged,      // well signed, but does not lead there from what we hold
        Equivocation,  // a second, different head for where we stand, well signed
    };

    struct Change {
        std::string key{};
        bool gone = false;  // dropped altogether (reset, or a tombstone below the floor)
    };

    // On Done, `changes` lists the keys whose record is new or gone.
    Applied apply(const Delta& delta, const Signer& signer, std::vector<Change>& changes);

    // From (log_epoch, after) to our head; a reset if that cannot be bridged.
    [[nodiscard]] Delta delta_from(std::uint64_t log_epoch, std::uint64_t after) const;

    [[nodiscard]] const Head& head() const { return head_; }

    [[nodiscard]] bool empty() const { return head_.seq == 0 && head_.log_epoch == 0; }

    [[nodiscard]] const std::map<std::string, Stored>& records() const { return records_; }

    // Of all values held.
    [[nodiscard]] std::size_t value_bytes() const;

    // What we wrote and signed ourselves: nothing is left to prove.
    void write(const Delta& delta, const Signer& signer, std::vector<Change>& changes);

    // As restored from disk. False, and nothing taken, if records and head do not belong together.
    bool restore(const Head& head, std::map<std::string, Stored>& records, const Signer& signer);

private:
    using Records = std::map<std::string, Stored>;

    void take(const Delta& delta, Records changed, std::vector<Change>& changes);

    Head head_{};
    std::map<std::string, Stored> records_;
};

[[nodiscard]] bool verify(const Head& head, const Signer& signer);

// Digest over the digests of all records in key order; tombstones at or below the floor left out.
[[nodiscard]] Digest content_of(const std::map<std::string, OriginLog::Stored>& records,
                                const std::map<std::string, OriginLog::Stored>& changed,
                                std::uint64_t floor, const Signer& signer);

}  // namespace shoal::store
