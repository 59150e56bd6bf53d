// `shoal run IMAGE CMD...`: where the words of a command line stop being ours.
//
// What follows the image belongs to the container, flags included, and must not be read by CLI11,
// which would also take "[a,b]" apart. Flags of ours right after the image are still taken as such:
// `shoal run web --replicas 3` says what its writer meant. "--" ends that.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace shoal::cli {

// Moves what belongs to the container from `words` into the result, if `words` are of `command`.
[[nodiscard]] std::vector<std::string> cut_tail(const CLI::App& command,
                                                std::vector<std::string>& words);

}  // namespace shoal::cli
