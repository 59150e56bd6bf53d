#include "node/compose/json.h"

#include "node/api/quantities.h"

#include <cstdint>
#include <utility>

namespace shoal::compose {
namespace {

Json number(const Value& value) {
    Json out;
    if (value.kind == Value::Kind::Integer) {
        if (const auto read = api::parse_number<std::int64_t>(value.text)) out = *read;
    } else if (const auto read = api::parse_number<double>(value.text)) {
        out = *read;
    }
    return out.dump() == value.text ? out : Json(value.text);
}

}  // namespace

Json to_json(const Value& value) {
    switch (value.kind) {
        case Value::Kind::Null:
            return nullptr;
        case Value::Kind::Truth:
            return value.is_truth(true);
        case Value::Kind::Integer:
        case Value::Kind::Decimal:
            return number(value);
        case Value::Kind::Text:
            return value.text;
        case Value::Kind::List: {
            auto out = Json::array();
            for (const auto& item : value.items) {
                out.push_back(to_json(item));
            }
            return out;
        }
        case Value::Kind::Map:
            break;
    }
    auto out = Json::object();
    for (const auto& member : value.members) {
        out[member.key] = to_json(member.value);
    }
    return out;
}

}  // namespace shoal::compose
