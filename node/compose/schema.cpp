#include "node/compose/schema.h"

#include "node/api/quantities.h"
#include "node/compose/keys.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace shoal::compose {
namespace {

using Json = nlohmann::json;

// The validator's regular expressions recurse for each character, and it compares each item of a
// list with each other.
constexpr std::size_t kTextMax = 512;
constexpr std::size_t kItemsMax = 1024;

struct Compiled {
    Json json = Json::parse(schema_text());
    valijson::Schema schema{};

    Compiled() {
        const valijson::adapters::NlohmannJsonAdapter adapter{json};
        valijson::SchemaParser{}.populateSchema(adapter, schema);
    }
};

const Compiled& compiled() {
    static const Compiled instance;
    return instance;
}

std::optional<Problem> too_large(const Value& value) {
    if (value.items.size() > kItemsMax)
        return Problem{value.mark, "a list of more than 1024 items"};
    for (const auto& item : value.items) {
        if (auto found = too_large(item)) return found;
    }
    for (const auto& member : value.members) {
        if (member.key.size() > kTextMax) {
            return Problem{member.mark, "key " + shown(member.key) + " is over 512 characters"};
        }
        if (auto found = too_large(member.value)) return found;
    }
    return std::nullopt;
}

// For the validator: long texts cut, since it looks at what they begin with at most.
Json shortened(const Value& value) {
    switch (value.kind) {
        case Value::Kind::Null:
            return nullptr;
        case Value::Kind::Truth:
            return value.is_truth(true);
        case Value::Kind::Integer:
            return api::parse_number<std::int64_t>(value.text).value_or(1);
        case Value::Kind::Decimal:
            return api::parse_number<double>(value.text).value_or(1.5);
        case Value::Kind::Text:
            return value.text.substr(0, kTextMax);
        case Value::Kind::List: {
            auto out = Json::array();
            for (const auto& item : value.items) {
                out.push_back(shortened(item));
            }
            return out;
        }
        case Value::Kind::Map:
            break;
    }
    auto out = Json::object();
    for (const auto& member : value.members) {
        out[member.key] = shortened(member.value);
    }
    return out;
}

// {"<root>", "[services]", "[web]", "[0]"}: the last place that exists, and the way there.
struct Place {
    const Value* value = nullptr;
    Path path{};
};

Place place_of(const Value& root, const std::vector<std::string>& context) {
    Place out{&root, {}};
    for (const auto& part : context) {
        if (!part.starts_with('[') || !part.ends_with(']')) continue;
        const auto key = part.substr(1, part.size() - 2);
        const Value* next = nullptr;
        if (out.value->kind == Value::Kind::List) {
            std::size_t index = 0;
            for (const char c : key.substr(0, 6)) {
                index = index * 10 + static_cast<std::size_t>(c - '0');
            }
            if (index < out.value->items.size()) next = &out.value->items[index];
            out.path.push_back(part);
        } else {
            next = out.value->find(key);
            out.path.push_back(key);
        }
        if (next == nullptr) break;
        out.value = next;
    }
    return out;
}

// The validator ends its sentence on a key that may not be there with "...: 'key'."
std::string key_at_end(const std::string& sentence) {
    const auto last = sentence.rfind('\'');
    if (last == std::string::npos || last == 0) return {};
    const auto first = sentence.rfind('\'', last - 1);
    return first == std::string::npos ? std::string{}
                                      : sentence.substr(first + 1, last - first - 1);
}

Problem problem_of(const Value& root, const valijson::ValidationResults::Error& error) {
    const auto place = place_of(root, error.context);
    const auto where = place.path.empty() ? "the file" : to_string(place.path);
    if (error.description.starts_with("Object contains a property")) {
        const auto key = key_at_end(error.description);
        for (const auto& member : place.value->members) {
            if (member.key != key) continue;
            return {member.mark, "unknown key " + shown(key) + " in " + where +
                                     "; the Compose specification has none of that name there"};
        }
    }
    if (error.description.starts_with("Missing required property")) {
        return {place.value->mark,
                where + ": key " + shown(key_at_end(error.description)) + " is missing"};
    }
    if (error.description.starts_with("Elements at indexes")) {
        return {place.value->mark, where + ": two items are the same; once is enough"};
    }
    const auto stands = place.value->is_scalar() && !place.value->text.empty()
                            ? shown(place.value->text)
                            : std::string{name_of(place.value->kind)};
    return {place.value->mark, where + ": " + stands + " does not fit the Compose specification"};
}

}  // namespace

std::optional<Problem> hold_against_schema(const Value& root) {
    if (auto found = too_large(root)) return found;
    const auto json = shortened(root);
    valijson::Validator validator{valijson::Validator::kStrongTypes};
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter target{json};
    if (validator.validate(compiled().schema, target, &results)) return std::nullopt;
    // Those that enclose an error repeat it in less exact words.
    const auto exact = std::max_element(
        results.begin(), results.end(),
        [](const auto& a, const auto& b) { return a.context.size() < b.context.size(); });
    if (exact == results.end()) return Problem{root.mark, "does not fit the Compose specification"};
    return problem_of(root, *exact);
}

}  // namespace shoal::compose
