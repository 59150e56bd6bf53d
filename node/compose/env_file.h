// Files of variables: `.env` and what `env_file` names.
//
// NAME=VALUE a line, `export` before it allowed; '#' starts a comment at the start of a line or
// after a blank. 'single quotes' are taken as they are, "double quotes" know \n \r \t \\ \" and
// both may run over lines. Outside of single quotes variables are resolved, also those of lines
// before. NAME alone is what it is set to where the command runs, or nothing.
#pragma once

#include "node/compose/interpolate.h"

#include <cstdint>
#include <string_view>

namespace shoal::compose {

enum class EnvFormat : std::uint8_t {
    Quoted,  // as above
    Raw,     // NAME=VALUE, and the value is all that follows: env_file's `format: raw`
};

// `variables`: what may be referred to. A problem's mark is a line of that file.
[[nodiscard]] Checked<Variables> parse_env_file(std::string_view text, EnvFormat format,
                                                const Variables& variables);

}  // namespace shoal::compose
