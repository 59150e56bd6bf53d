#include "cli/json.h"

namespace shoal::cli {

std::optional<Json> parse_json(std::string_view text) {
    auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

std::string dump(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

const Json& items_at(const Json& object, const char* name) {
    static const Json none = Json::array();
    const auto& value = member(object, name);
    return value.is_array() ? value : none;
}

std::string text_at(const Json& object, const char* name) {
    const auto& value = member(object, name);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

std::uint64_t count_at(const Json& object, const char* name) {
    const auto& value = member(object, name);
    return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

double number_at(const Json& object, const char* name) {
    const auto& value = member(object, name);
    return value.is_number() ? value.get<double>() : 0;
}

bool is_set(const Json& object, const char* name) {
    const auto& value = member(object, name);
    return value.is_boolean() && value.get<bool>();
}

std::vector<std::string> texts_at(const Json& object, const char* name) {
    std::vector<std::string> out;
    const auto& value = member(object, name);
    if (value.is_string()) return {value.get<std::string>()};
    if (!value.is_array()) return out;
    for (const auto& item : value) {
        if (item.is_string()) out.push_back(item.get<std::string>());
    }
    return out;
}

std::vector<std::string> texts_of(const Json& array, const char* name) {
    std::vector<std::string> out;
    if (!array.is_array()) return out;
    for (const auto& item : array) {
        out.push_back(text_at(item, name));
    }
    return out;
}

}  // namespace shoal::cli
