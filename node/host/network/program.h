// Runs a program to its end with a text as its standard input.
#pragma once

#include "node/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace shoal::network {

struct Ran {
    int status = 0;  // exit status; 128 + signal if one ended it
    std::string out{};
    std::string err{};
};

// `words[0]` is a name, looked for where system programs are; the environment is not used. Blocks.
// NotFound: not installed. TimedOut: killed after half a minute.
[[nodiscard]] Result<Ran> run_program(const std::vector<std::string>& words,
                                      std::string_view input);

}  // namespace shoal::network
