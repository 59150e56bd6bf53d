// JSON as it came from a node: read without exceptions and without trust.
//
// A member that is missing or of another type reads as empty. An answer of a newer or a broken node
// then shows a gap in a table, never a crash.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::cli {

// Ordered: `-o json` shows members in the order the node gave them.
using Json = nlohmann::ordered_json;

[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

// Never fails: what is not UTF-8 is replaced. indent < 0: one line.
[[nodiscard]] std::string dump(const Json& json, int indent = -1);

[[nodiscard]] const Json& member(const Json& object, const char* name);
[[nodiscard]] const Json& items_at(const Json& object, const char* name);  // an array, or none
[[nodiscard]] std::string text_at(const Json& object, const char* name);
[[nodiscard]] std::uint64_t count_at(const Json& object, const char* name);
[[nodiscard]] double number_at(const Json& object, const char* name);
[[nodiscard]] bool is_set(const Json& object, const char* name);  // is there, and true

// The texts of an array, one text as a list of one, everything else as nothing.
[[nodiscard]] std::vector<std::string> texts_at(const Json& object, const char* name);

// `name` of every item of an array.
[[nodiscard]] std::vector<std::string> texts_of(const Json& array, const char* name);

}  // namespace shoal::cli
