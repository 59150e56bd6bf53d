#include "cli/failure.h"

#include "cli/text.h"

#include <string_view>

namespace shoal::cli {
namespace {

void indented(std::string_view lines, std::ostream& err) {
    for (const auto line : split(lines, '\n')) {
        err << "       " << printable(line) << '\n';
    }
}

}  // namespace

void print(const Failure& failure, std::ostream& err) {
    err << "shoal: ";
    if (failure.wanted.empty()) {
        err << printable(failure.happened) << '\n';
    } else {
        err << "cannot " << printable(failure.wanted) << '\n';
        if (!failure.happened.empty()) indented(failure.happened, err);
    }
    if (!failure.hint.empty()) indented("try: " + failure.hint, err);
}

}  // namespace shoal::cli
