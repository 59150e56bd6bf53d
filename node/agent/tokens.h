// One journal, three machines: the two low bits of a token say whose batch it was.
#pragma once

#include "node/base/journal.h"

#include <cstdint>

namespace shoal::agent {

enum class Owner : std::uint8_t { Membership = 0, Store = 1, Placement = 2 };

[[nodiscard]] constexpr Token agent_token(Owner owner, Token own) {
    return (own << 2U) | static_cast<Token>(owner);
}

[[nodiscard]] constexpr Owner owner_of(Token token) {
    return static_cast<Owner>(token & 3U);
}

[[nodiscard]] constexpr Token own_token(Token token) {
    return token >> 2U;
}

}  // namespace shoal::agent
