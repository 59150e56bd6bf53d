// Bringing a data directory of an older format to the one this shoal writes.
//
// First a backup beside the data, DIR/backup-format-N, then step after step, each from one format
// to the next, and last the new number in cluster.yaml. DIR/migrating names the backup for as long
// as this lasts: who finds it after a crash puts the backup back and begins again, so a step may
// assume that it starts from what its format really was, and never sees half of its own work.
#pragma once

#include "node/base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host {

struct MigrationStep {
    unsigned from = 0;   // to from + 1
    std::string what{};  // for the log: "moves seeds into the journal"
    std::function<Result<void>(const std::string& directory)> apply{};
};

struct FormatPlan {
    unsigned newest = 1;                 // the format this shoal writes
    std::string needs{};                 // the oldest shoal that reads it
    std::vector<MigrationStep> steps{};  // one for each format older than `newest` that is known
};

// Of this shoal. No step yet: format 1 is the first.
[[nodiscard]] const FormatPlan& format_plan();

struct Migrated {
    unsigned from = 0;
    unsigned to = 0;
    std::string backup{};            // folder with what was: keys and journal, no logs or volumes
    std::vector<std::string> did{};  // `what` of each step
};

// Nothing where there is nothing to do. Refused: a newer format, or one too old for the steps; the
// data is as it was after every failure, or will be when this is called again.
[[nodiscard]] Result<std::optional<Migrated>> migrate(const std::string& directory,
                                                      const FormatPlan& plan);

// Paths of the backups there are; they hold keys, too.
[[nodiscard]] std::vector<std::string> backups(const std::string& directory);

}  // namespace shoal::host
