// Colours for the words nodes and replicas are described with.
#pragma once

#include "cli/table.h"

#include <cstdint>
#include <string>
#include <utility>

namespace shoal::cli {

[[nodiscard]] inline Cell standing_cell(std::string standing) {
    const Tone tone = standing == "alive"     ? Tone::Good
                      : standing == "suspect" ? Tone::Warning
                      : standing == "left"    ? Tone::Plain
                                              : Tone::Bad;
    return {std::move(standing), tone};
}

[[nodiscard]] inline Cell slot_cell(std::string state) {
    const bool bad = state == "unhealthy" || state == "failed" || state == "lost";
    const bool good = state == "healthy" || state == "complete";
    const Tone tone = good ? Tone::Good : bad ? Tone::Bad : Tone::Warning;
    return {std::move(state), tone};
}

[[nodiscard]] inline Cell replicas_cell(std::uint64_t healthy, std::uint64_t wanted) {
    return {std::to_string(healthy) + "/" + std::to_string(wanted),
            healthy >= wanted ? Tone::Good : Tone::Warning};
}

}  // namespace shoal::cli
