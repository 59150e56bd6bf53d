#include "cli/exit.h"

namespace shoal::cli {

Exit exit_of(std::string_view api_code) {
    if (api_code == "conflict") return Exit::Conflict;
    if (api_code == "unavailable") return Exit::Unreachable;
    if (api_code == "timeout") return Exit::TimedOut;
    return Exit::Failed;
}

}  // namespace shoal::cli
