// Text to tree. Bounded: in size, depth and in what aliases may make of it.
#pragma once

#include "node/compose/value.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace shoal::compose {

inline constexpr std::size_t kFileMax = 1U << 20U;
inline constexpr std::size_t kDepthMax = 64;
// Of the whole tree, with what aliases and merges copy: characters, and some for each node.
inline constexpr std::size_t kTreeMax = 16U << 20U;

// One document. Anchors, aliases and `<<` are resolved; a key that stands twice, a tag of an
// application and a document after the first are refused.
[[nodiscard]] Checked<Value> parse_yaml(const std::string& text);

// What a plain scalar means in the core schema of YAML 1.2.
[[nodiscard]] Value::Kind kind_of_plain(std::string_view text);

}  // namespace shoal::compose
