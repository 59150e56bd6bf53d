// `shoal image load`: an archive, sent to a node in pieces.
#pragma once

#include "cli/context.h"

#include <string>

namespace shoal::cli {

struct LoadWords {
    std::string file{};  // "-": standard input
    std::string name{};  // empty: what the archive calls its images
};

Outcome<Exit> load_image(Context& context, const LoadWords& words);

}  // namespace shoal::cli
