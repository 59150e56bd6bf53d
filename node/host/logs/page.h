// A page of the output of one job's containers on this node, in the order of time.
//
// Reads files and may block on the disk: for the keeper's thread.
#pragma once

#include "node/host/logs/cursor.h"
#include "placement/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shoal::host::logs {

using Containers = std::set<placement::ContainerId>;

struct Question {
    std::string job{};  // a valid name
    std::optional<std::uint32_t> slot{};
    // Where to begin: behind the cursor if there is one, else the last `tail` lines of what came
    // since `since_ms`.
    std::optional<Cursor> cursor{};
    std::optional<std::size_t> tail{};
    std::optional<std::int64_t> since_ms{};
    std::size_t page_max = 512U << 10U;  // bytes of the answer, roughly
};

struct Line {
    placement::ContainerId id{};
    std::size_t stream = 0;  // of kStreams
    std::int64_t ms = 0;
    std::string text{};    // bytes as the program wrote them
    bool partial = false;  // the line goes on, or was never ended
};

// Output that was dropped before this reader came to it.
struct Gap {
    placement::ContainerId id{};
    std::size_t stream = 0;
    std::uint64_t bytes = 0;
};

struct Known {
    placement::ContainerId id{};
    bool live = false;
    std::array<std::uint64_t, 2> bytes{};  // that can be read, of each stream
    std::int64_t written_ms = 0;
};

struct Page {
    std::vector<Line> lines{};
    std::vector<Gap> gaps{};
    std::vector<Known> containers{};  // the newest kContainersMax
    Cursor next{};
    bool more = false;  // the page was full
};

// `live`: those that may still write.
[[nodiscard]] Page read_page(const std::string& root, const Question& question,
                             const Containers& live, std::int64_t now_ms);

}  // namespace shoal::host::logs
