#include "node/compose/value.h"

#include <utility>

namespace shoal::compose {

Value::Value() = default;

Value::Value(Kind its_kind, Mark its_mark, std::string its_text)
    : kind(its_kind), mark(its_mark), text(std::move(its_text)) {}

bool Value::is_truth(bool wanted) const {
    if (kind != Kind::Truth && kind != Kind::Text) return false;
    return wanted ? text == "true" || text == "True" || text == "TRUE"
                  : text == "false" || text == "False" || text == "FALSE";
}

const Value* Value::find(std::string_view key) const {
    for (const auto& member : members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

const Value& at(const Value& value, std::string_view key) {
    static const Value nothing{};
    const auto* found = value.find(key);
    return found == nullptr ? nothing : *found;
}

bool is_said(const Value& value) {
    return value.kind != Value::Kind::Null;
}

std::string_view name_of(Value::Kind kind) {
    switch (kind) {
        case Value::Kind::Null:
            return "nothing";
        case Value::Kind::Truth:
            return "true or false";
        case Value::Kind::Integer:
        case Value::Kind::Decimal:
            return "a number";
        case Value::Kind::Text:
            return "a text";
        case Value::Kind::List:
            return "a list";
        case Value::Kind::Map:
            return "a map";
    }
    return "nothing";
}

}  // namespace shoal::compose
