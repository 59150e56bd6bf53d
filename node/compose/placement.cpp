#include "node/compose/placement.h"

#include <optional>
#include <string_view>

namespace shoal::compose {
namespace {

constexpr std::uint64_t kPerNodeMax = 10'000;

// As the API has it; nothing for one that nodes do not have.
std::optional<std::string> attribute_of(std::string text) {
    const std::string_view hostname = "node.hostname";
    const std::string_view labels = "node.labels.";
    if (text == hostname) text = "node.name";
    const bool known = text == "node.name" || text == "node.zone" ||
                       (text.starts_with(labels) && text.size() > labels.size());
    return known ? std::optional{text} : std::nullopt;
}

// " == ssd", however it was spaced: as the API writes it.
std::string operation(const std::string& text, std::size_t sign) {
    if (sign == std::string::npos) return {};
    const auto from = text.find_first_not_of(' ', sign + 2);
    auto value = from == std::string::npos ? std::string{} : text.substr(from);
    value.erase(value.find_last_not_of(' ') + 1);
    return " " + text.substr(sign, 2) + " " + value;
}

void read_constraint(const Value& item, Placement& out, Problems& problems) {
    const auto text = read_text(item, "constraints", problems);
    if (!text) return;
    const auto word = text->substr(0, text->find_first_of(" =!"));
    const auto attribute = attribute_of(word);
    const auto sign = text->find_first_not_of(' ', word.size());
    const bool well_formed = sign == std::string::npos || text->compare(sign, 2, "==") == 0 ||
                             text->compare(sign, 2, "!=") == 0;
    if (!attribute || !well_formed) {
        problems.unfit(item, "constraints",
                       "node.hostname, node.name, node.zone or node.labels.KEY, alone or with "
                       "'== VALUE' or '!= VALUE'");
        return;
    }
    out.constraints.push_back(*attribute + operation(*text, sign));
}

void read_preference(const Value& item, Placement& out, Problems& problems) {
    const auto& spread = at(item, "spread");
    const auto& place = is_said(spread) ? spread : item;
    const auto attribute = spread.is_scalar() ? attribute_of(spread.text) : std::nullopt;
    if (attribute) {
        out.spread.push_back(*attribute);
    } else {
        problems.unfit(place, "preferences",
                       "{spread: node.labels.KEY}, or node.zone, node.name, node.hostname");
    }
}

}  // namespace

Placement read_placement(const Value& placement, Problems& problems) {
    Placement out;
    const auto& most = at(placement, "max_replicas_per_node");
    if (is_said(most)) {
        const auto number = read_number(most, "max_replicas_per_node", kPerNodeMax, problems);
        out.per_node_max = static_cast<std::uint32_t>(number.value_or(0));
    }
    const auto& constraints = at(placement, "constraints");
    const auto& preferences = at(placement, "preferences");
    for (const auto* list : {&constraints, &preferences}) {
        if (!is_said(*list) || list->kind == Value::Kind::List) continue;
        problems.unfit(*list, list == &constraints ? "constraints" : "preferences", "a list");
    }
    for (const auto& item : constraints.items) {
        read_constraint(item, out, problems);
    }
    for (const auto& item : preferences.items) {
        read_preference(item, out, problems);
    }
    return out;
}

}  // namespace shoal::compose
