// Names of images, as people and Docker write them: [REGISTRY/]PATH[:TAG][@sha256:DIGEST].
//
// Two spellings of one name must mean one image, so what is stored is one of them: with its tag
// ("web" is "web:latest"), and official images without the folder they have in their registry
// ("REGISTRY/library/web:1" and "library/web:1" are "web:1").
#pragma once

#include "node/base/result.h"

#include <string>
#include <string_view>

namespace shoal::host::images {

struct Reference {
    std::string name{};    // with its tag, without a digest
    std::string digest{};  // "sha256:...", or empty: whatever the name means
    friend bool operator==(const Reference&, const Reference&) = default;
};

inline constexpr std::size_t kNameMax = 255;

// Malformed: says what of it and what would be right.
[[nodiscard]] Result<Reference> parse_reference(std::string_view text);

// "web:1@sha256:..."
[[nodiscard]] std::string pinned(std::string_view name, std::string_view digest);

// The digest of a pinned one; empty if there is none.
[[nodiscard]] std::string_view digest_in(std::string_view text);

}  // namespace shoal::host::images
