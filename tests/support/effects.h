// Looking into what a machine answered.
#pragma once

#include <algorithm>
#include <cstddef>
#include <variant>
#include <vector>

namespace shoal::tests {

// All effects of one kind, in order.
template <class Kind, class Effects>
std::vector<Kind> all(const Effects& effects) {
    std::vector<Kind> out;
    for (const auto& effect : effects) {
        if (const auto* one = std::get_if<Kind>(&effect)) out.push_back(*one);
    }
    return out;
}

template <class Kind, class Effects>
bool has(const Effects& effects) {
    return !all<Kind>(effects).empty();
}

// The messages of one kind among the Send effects, with who gets them left out.
template <class Kind, class Send, class Effects>
std::vector<Kind> messages(const Effects& effects) {
    std::vector<Kind> out;
    for (const auto& send : all<Send>(effects)) {
        if (const auto* one = std::get_if<Kind>(&send.message)) out.push_back(*one);
    }
    return out;
}

// Where the first effect of a kind stands; the end if there is none.
template <class Kind, class Effects>
std::size_t position(const Effects& effects) {
    const auto at = std::find_if(effects.begin(), effects.end(), [](const auto& effect) {
        return std::holds_alternative<Kind>(effect);
    });
    return static_cast<std::size_t>(at - effects.begin());
}

}  // namespace shoal::tests
