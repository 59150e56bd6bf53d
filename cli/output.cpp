#include "cli/output.h"

#include "cli/text.h"
#include "node/base/utf8.h"

#include <algorithm>
#include <yaml-cpp/yaml.h>

namespace shoal::cli {
namespace {

// Would a reader of YAML take the plain text for a number, a truth, a date or nothing at all? On
// the side of caution: whatever starts like a number is quoted.
bool needs_quotes(const std::string& text) {
    if (text.empty()) return true;
    if (std::string_view{"+-.0123456789"}.find(text.front()) != std::string_view::npos) return true;
    std::string lower;
    for (const char c : text) {
        lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    for (const auto* word :
         {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<"}) {
        if (lower == word) return true;
    }
    return !is_utf8(text) || printable(text) != text;
}

void emit_text(YAML::Emitter& out, const std::string& text) {
    if (needs_quotes(text)) out << YAML::DoubleQuoted;
    out << text;
}

// As deep as the JSON parser went; a node's answers are a few levels.
void emit(YAML::Emitter& out, const Json& json) {
    switch (json.type()) {
        case Json::value_t::object:
            if (json.empty()) out << YAML::Flow;
            out << YAML::BeginMap;
            for (const auto& item : json.items()) {
                out << YAML::Key;
                emit_text(out, item.key());
                out << YAML::Value;
                emit(out, item.value());
            }
            out << YAML::EndMap;
            return;
        case Json::value_t::array:
            if (json.empty()) out << YAML::Flow;
            out << YAML::BeginSeq;
            for (const auto& item : json) {
                emit(out, item);
            }
            out << YAML::EndSeq;
            return;
        case Json::value_t::string:
            emit_text(out, json.get_ref<const std::string&>());
            return;
        case Json::value_t::null:
            out << YAML::Null;
            return;
        case Json::value_t::boolean:
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
        case Json::value_t::binary:
        case Json::value_t::discarded:
            out << dump(json);
            return;
    }
}

}  // namespace

std::optional<Format> parse_format(std::string_view text) {
    if (text == "table") return Format::Columns;
    if (text == "wide") return Format::WideColumns;
    if (text == "json") return Format::JsonText;
    if (text == "yaml") return Format::YamlText;
    if (text == "name") return Format::Names;
    return std::nullopt;
}

std::string to_yaml(const Json& json) {
    YAML::Emitter out;
    out.SetNullFormat(YAML::LowerNull);
    emit(out, json);
    return out.c_str();
}

void print(const View& view, Shape shape, std::ostream& out) {
    const auto names = [&] {
        for (const auto& name : view.names) {
            out << printable(name) << '\n';
        }
    };
    if (shape.quiet) {
        if (view.quiet) {
            out << *view.quiet;
        } else {
            names();
        }
        return;
    }
    switch (shape.format) {
        case Format::Columns:
        case Format::WideColumns:
            out << view.text;
            return;
        case Format::JsonText:
            out << dump(view.document, 2) << '\n';
            return;
        case Format::YamlText:
            out << to_yaml(view.document) << '\n';
            return;
        case Format::Names:
            names();
            return;
    }
}

}  // namespace shoal::cli
