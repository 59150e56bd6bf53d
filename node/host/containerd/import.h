// Images out of archives, into containerd: what `shoal image load` is made of.
#pragma once

#include "node/base/result.h"

#include <string>
#include <vector>

namespace shoal::host::ctrd {

struct ImportWish {
    std::string socket{};
    std::string name_space{};
    std::string archive{};  // a file
    std::string name{};     // what to call its one image; empty: what the archive calls them
};

struct Imported {
    std::string name{};    // as references are kept
    std::string digest{};  // of the manifest or index
    friend bool operator==(const Imported&, const Imported&) = default;
};

// Writes, names and unpacks. Blocks, for as long as the archive is large: a thread of its own calls
// it. Done twice it changes nothing.
[[nodiscard]] Result<std::vector<Imported>> import_images(const ImportWish& wish);

}  // namespace shoal::host::ctrd
