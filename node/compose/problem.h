// Where in a file, and what is wrong there. Everything refused on the way from a Compose file to a
// project ends as one of these.
#pragma once

#include "node/base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal::compose {

// As an editor counts: from 1. 0 where there is no place, as for a file that is missing.
struct Mark {
    int line = 0;
    int column = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
};

struct Problem {
    Mark mark{};
    std::string what{};  // "what; what is allowed"
    friend bool operator==(const Problem&, const Problem&) = default;
};

template <class T>
using Checked = tl::expected<T, Problem>;

[[nodiscard]] inline tl::unexpected<Problem> refuse(Mark mark, std::string what) {
    return tl::unexpected<Problem>{Problem{mark, std::move(what)}};
}

// "compose.yaml:3:7"
[[nodiscard]] std::string place(std::string_view file, Mark mark);

// "compose.yaml:3:7: what; what is allowed"
[[nodiscard]] std::string to_string(std::string_view file, const Problem& problem);

// Text of a stranger inside a sentence: cut, without control characters, between quotes.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace shoal::compose
