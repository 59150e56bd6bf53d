// What becomes of each key of a Compose file: one table, and a look-up in it.
//
// A path is a list of keys; "[]" stands for an item of a list. Patterns know "*", one key of any
// name, and "**" at their end, all that lies below, and the place itself.
#pragma once

#include "node/compose/value.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::compose {

enum class Treatment : std::uint8_t {
    Honoured,  // it does what the specification says
    Harmless,  // left out, and the containers are the same in all that matters
    Refused,   // leaving it out loses data, drops isolation or changes what runs
    NotYet,    // the same as Refused: meant to be honoured, this version cannot
};

// "honoured", "harmless", "refused", "not yet"
[[nodiscard]] std::string_view to_string(Treatment treatment);

struct KeyRule {
    std::string_view pattern{};
    Treatment treatment = Treatment::Honoured;
    std::string_view why{};  // after "ignored: " or "refused: "
    // Values, divided by '|', that ask for what happens anyway: harmless then.
    std::string_view as_is{};
    // A key beside it that makes it harmless.
    std::string_view beside{};
};

using Path = std::vector<std::string>;

inline constexpr std::string_view kItem = "[]";

[[nodiscard]] std::span<const KeyRule> key_rules();

// The rule for a path, nothing for a key nobody knows. Keys that begin with "x-" belong to whoever
// wrote the file; the specification has them ignored, and so they are honoured.
[[nodiscard]] const KeyRule* find_rule(const Path& path);

[[nodiscard]] bool matches(std::string_view pattern, const Path& path);

// What a key under `parent` may be called; empty if it may have any name.
[[nodiscard]] std::vector<std::string_view> known_keys(const Path& parent);

// "services.web.ports[0].target" and back; a key with a dot in it is between quotes.
[[nodiscard]] std::string to_string(const Path& path);

}  // namespace shoal::compose
