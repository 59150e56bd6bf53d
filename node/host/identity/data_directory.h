// What a node keeps between starts, and the only code that knows where.
//
//     DIR/            0700
//       lock          held by the one agent that uses DIR
//       identity.key  0600, the seed of the node's Ed25519 key; who this node is
//       cluster.yaml  0600, which cluster it belongs to and in which format DIR is written
//       cluster.key   0600, the cluster's secret
//       volumes/      0700, what containers keep, by cluster; no reset takes it away
//       state/        0700, the journal (RocksDB), and the id of the cluster it is of
//
// A node is in a cluster if and only if cluster.yaml exists: it is written last on entering and
// removed first on reset, so a crash in between leaves a node that is simply in none. Permissions
// wider than these are refused, never silently repaired: somebody may have read the keys already.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/identity/migration.h"
#include "node/host/identity/secret.h"
#include "node/host/identity/sodium_signer.h"

#include <optional>
#include <string>
#include <vector>

namespace shoal::host {

struct Membership {
    ClusterId cluster{};
    std::string name{};  // for people; may be empty on a node that joined
    Secret key{};
};

class DataDirectory {
public:
    // The format this shoal writes; a directory of a newer one is refused, an older one migrated.
    static constexpr unsigned kFormat = 1;

    // Creates the directory if there is none, checks its owner and mode, locks it for as long as
    // the object lives, and brings it to this format. Conflict: another agent holds the lock (named
    // by its process id). Refused: written by a newer shoal.
    static Result<DataDirectory> open(const std::string& path);

    DataDirectory(DataDirectory&& other) noexcept;
    DataDirectory& operator=(DataDirectory&& other) noexcept;
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;
    ~DataDirectory();

    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] std::string state_path() const { return path_ + "/state"; }

    // What `open` had to do to an older one.
    [[nodiscard]] const std::optional<Migrated>& migrated() const { return migrated_; }

    // Where the output of containers is.
    [[nodiscard]] std::string log_path() const { return path_ + "/logs"; }

    // Where images wait until they are whole.
    [[nodiscard]] std::string spool_path() const { return path_ + "/spool"; }

    // Where the volumes of a cluster are.
    [[nodiscard]] std::string volumes_path(const ClusterId& cluster) const {
        return path_ + "/volumes/" + to_hex(cluster);
    }

    // Where the journal is.
    [[nodiscard]] std::string journal_path() const { return path_ + "/state/db"; }

    // Makes the folder of the journal and marks it as of `cluster`. Conflict: a journal of another
    // cluster is in it, as after a reset that was cut short; jobs must not wander between clusters.
    [[nodiscard]] Result<void> claim_state(const ClusterId& cluster);

    [[nodiscard]] bool has_identity() const;

    // Who this node is; makes the key on first use.
    [[nodiscard]] Result<SodiumSigner> identity();

    // The cluster it is in, or nothing. Refused: written by a newer shoal (named).
    [[nodiscard]] Result<std::optional<Membership>> membership() const;

    // Enters a cluster. In it already: fine. In another: Conflict, both named.
    [[nodiscard]] Result<void> enter(const Membership& membership);

    // What reset would delete: paths that exist now.
    [[nodiscard]] std::vector<std::string> belongings() const;

    // Leaves nothing of the cluster and of this identity behind; returns what was deleted. The
    // caller has closed the journal. The lock stays.
    [[nodiscard]] Result<std::vector<std::string>> reset();

private:
    DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

    [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

    std::string path_;
    int lock_ = -1;
    std::optional<Migrated> migrated_{};
};

// A new cluster with a fresh id and key.
[[nodiscard]] Membership found_cluster(std::string name);

}  // namespace shoal::host
