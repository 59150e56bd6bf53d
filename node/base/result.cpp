#include "node/base/result.h"

namespace shoal {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::Malformed:
            return "malformed";
        case Errc::TooLarge:
            return "too_large";
        case Errc::NotFound:
            return "not_found";
        case Errc::Conflict:
            return "conflict";
        case Errc::Refused:
            return "refused";
        case Errc::Denied:
            return "denied";
        case Errc::Unavailable:
            return "unavailable";
        case Errc::TimedOut:
            return "timed_out";
        case Errc::Full:
            return "full";
        case Errc::Io:
            return "io";
    }
    return "unknown";
}

}  // namespace shoal
