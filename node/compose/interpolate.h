// `${VARIABLE}` in the values of a Compose file, in the forms of its specification:
// $NAME ${NAME} ${NAME:-default} ${NAME-default} ${NAME:?message} ${NAME?message}
// ${NAME:+other} ${NAME+other}, nested in the part after the sign; $$ is a dollar.
#pragma once

#include "node/compose/value.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace shoal::compose {

using Variables = std::map<std::string, std::string>;

class Interpolation {
public:
    explicit Interpolation(const Variables& variables) : variables_(variables) {}

    // Every scalar of the tree; keys stay as they are. A plain `${N}` becomes a text, whatever N
    // is.
    Checked<void> apply(Value& value);

    // One text. The error has no place.
    Checked<std::string> expand(std::string_view text);

    // Without a value and without a default: they became nothing. Where each was met first.
    [[nodiscard]] const std::map<std::string, Mark>& unset() const { return unset_; }

private:
    struct Reference;

    Checked<std::string> expand(std::string_view text, std::size_t depth);
    Checked<std::string> resolve(const Reference& reference, std::size_t depth);

    const Variables& variables_;
    std::map<std::string, Mark> unset_{};
    Mark at_{};
    std::size_t made_ = 0;  // characters, in all
};

// A text that expands to this one.
[[nodiscard]] std::string escaped_dollars(std::string_view text);

}  // namespace shoal::compose
