// One answer in the shapes a person may ask for: `-o table|wide|json|yaml|name` and `-q`.
#pragma once

#include "cli/json.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::cli {

enum class Format : std::uint8_t { Columns, WideColumns, JsonText, YamlText, Names };

[[nodiscard]] std::optional<Format> parse_format(std::string_view text);

struct View {
    Json document{};                     // json, yaml: what the node said
    std::vector<std::string> names{};    // name: one a line
    std::string text{};                  // table, wide
    std::optional<std::string> quiet{};  // -q, whole lines; nothing: the names
};

struct Shape {
    Format format = Format::Columns;
    bool quiet = false;
};

void print(const View& view, Shape shape, std::ostream& out);

// The same document as YAML. Texts that YAML would read as something else are quoted.
[[nodiscard]] std::string to_yaml(const Json& json);

}  // namespace shoal::cli
