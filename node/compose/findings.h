// Each key of a file held against the table of keys: what is left out, what is refused, what nobody
// knows.
#pragma once

#include "node/compose/keys.h"
#include "node/compose/reading.h"

#include <optional>
#include <string>
#include <vector>

namespace shoal::compose {

// A key that is not honoured. Its path tells items of lists by number: "ports", "[0]", "mode".
struct Finding {
    Path path{};
    Mark mark{};
    Treatment treatment = Treatment::Harmless;
    std::string_view why{};
};

[[nodiscard]] inline bool is_refused(const Finding& finding) {
    return finding.treatment == Treatment::Refused || finding.treatment == Treatment::NotYet;
}

// Keys nobody knows become problems.
std::vector<Finding> find_unhonoured(const Value& root, Problems& problems);

// "services.web.volumes", "services.*.ports[0].mode" -> its parts. Nothing if it is none.
[[nodiscard]] std::optional<Path> parse_path(std::string_view text);

// Is the path there, or below it? "*" in `area` is any key.
[[nodiscard]] bool lies_within(const Path& path, const Path& area);

}  // namespace shoal::compose
