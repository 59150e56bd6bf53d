// Why a command did not do what was asked, in the three lines a person gets to see.
//
// Not shoal::Error: that has one sentence and a code for programs; a command has to say what was
// wanted, what happened and what to try, and with which status it ends.
#pragma once

#include "cli/exit.h"
#include "node/base/result.h"

#include <ostream>
#include <string>
#include <utility>

namespace shoal::cli {

struct Failure {
    Exit exit = Exit::Failed;
    std::string wanted{};    // "scale job 'web'", read after "cannot"
    std::string happened{};  // usually one line; a list has one line an item
    std::string hint{};      // what to try; may be empty

    friend bool operator==(const Failure&, const Failure&) = default;
};

template <class T>
using Outcome = tl::expected<T, Failure>;

// `return failed({Exit::Usage, "read FILE", "it is not JSON"});`
[[nodiscard]] inline tl::unexpected<Failure> failed(Failure failure) {
    return tl::unexpected<Failure>{std::move(failure)};
}

void print(const Failure& failure, std::ostream& err);

}  // namespace shoal::cli
