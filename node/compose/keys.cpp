#include "node/compose/keys.h"

#include "node/compose/key_table.h"

#include <algorithm>

namespace shoal::compose {
namespace {

constexpr std::string_view kExtension = "x-";
constexpr std::string_view kOurs = "x-shoal";
constexpr std::string_view kBelow = "**";

constexpr KeyRule kExtensionRule{"x-*", Treatment::Honoured};

// The first part of a pattern, taken off it.
std::string_view take_part(std::string_view& pattern) {
    const auto dot = pattern.find('.');
    const auto part = pattern.substr(0, dot);
    pattern = dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
    return part;
}

bool is_extension(const Path& path) {
    return std::any_of(path.begin(), path.end(), [](const std::string& key) {
        return key.starts_with(kExtension) && key != kOurs;
    });
}

}  // namespace

std::string_view to_string(Treatment treatment) {
    switch (treatment) {
        case Treatment::Honoured:
            return "honoured";
        case Treatment::Harmless:
            return "harmless";
        case Treatment::Refused:
            return "refused";
        case Treatment::NotYet:
            return "not yet";
    }
    return "refused";
}

std::span<const KeyRule> key_rules() {
    return kKeyRules;
}

bool matches(std::string_view pattern, const Path& path) {
    for (const auto& key : path) {
        if (pattern.empty()) return false;
        const auto part = take_part(pattern);
        if (part == kBelow) return true;
        if (part != "*" && part != key) return false;
        if (part == "*" && key == kItem) return false;
    }
    return pattern.empty() || pattern == kBelow;
}

const KeyRule* find_rule(const Path& path) {
    for (const auto& rule : kKeyRules) {
        if (matches(rule.pattern, path)) return &rule;
    }
    return is_extension(path) ? &kExtensionRule : nullptr;
}

std::vector<std::string_view> known_keys(const Path& parent) {
    std::vector<std::string_view> out;
    for (const auto& rule : kKeyRules) {
        auto rest = rule.pattern;
        auto fits = true;
        for (const auto& key : parent) {
            const auto part = take_part(rest);
            if (part == "*" ? key == kItem : part != key) fits = false;
        }
        const auto key = take_part(rest);
        if (!fits || key.empty() || key == "*" || key == kItem || key == kBelow) continue;
        if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
    }
    return out;
}

std::string to_string(const Path& path) {
    std::string out;
    for (const auto& key : path) {
        if (key.starts_with('[')) {
            out += key;
            continue;
        }
        if (!out.empty()) out += '.';
        out += key.find('.') == std::string::npos ? key : "'" + key + "'";
    }
    return out;
}

}  // namespace shoal::compose
