#include "node/compose/interpolate.h"

#include <optional>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::size_t kNestedMax = 16;
// A long variable named a thousand times must not fill the memory.
constexpr std::size_t kMadeMax = 4U << 20U;

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view name_at(std::string_view text) {
    if (text.empty() || !starts_name(text.front())) return {};
    std::size_t end = 1;
    while (end < text.size() &&
           (starts_name(text[end]) || (text[end] >= '0' && text[end] <= '9'))) {
        ++end;
    }
    return text.substr(0, end);
}

// What stands between "${" and the brace that closes it; nothing if none does.
std::optional<std::string_view> braced(std::string_view text) {
    std::size_t depth = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '$' && i + 1 < text.size()) {
            if (text[i + 1] == '{') ++depth;
            ++i;
        } else if (text[i] == '}' && --depth == 0) {
            return text.substr(0, i);
        }
    }
    return std::nullopt;
}

constexpr std::string_view kForms =
    "allowed are $NAME, ${NAME}, ${NAME:-default}, ${NAME:?message}, ${NAME:+other}, and $$ for a "
    "dollar";

}  // namespace

struct Interpolation::Reference {
    std::string_view name{};
    char sign = 0;              // '-', '?' or '+'; 0: none
    bool empty_counts = false;  // ':' before it: an empty variable is as good as none
    std::string_view word{};    // after it
};

Checked<std::string> Interpolation::resolve(const Reference& reference, std::size_t depth) {
    const auto found = variables_.find(std::string{reference.name});
    const bool set =
        found != variables_.end() && !(reference.empty_counts && found->second.empty());
    switch (reference.sign) {
        case '-':
            return set ? Checked<std::string>{found->second} : expand(reference.word, depth + 1);
        case '+':
            return set ? expand(reference.word, depth + 1) : Checked<std::string>{std::string{}};
        case '?': {
            if (set) return found->second;
            const auto message = expand(reference.word, depth + 1);
            if (!message) return message;
            return refuse(at_, "variable " + shown(reference.name) + " must be set" +
                                   (message->empty() ? "" : ": " + *message));
        }
        default:
            if (set) return found->second;
            unset_.emplace(reference.name, at_);
            return std::string{};
    }
}

Checked<std::string> Interpolation::expand(std::string_view text, std::size_t depth) {
    if (depth > kNestedMax) return refuse(at_, "variables nested deeper than 16 levels");
    std::string out;
    while (!text.empty()) {
        const auto dollar = text.find('$');
        out += text.substr(0, dollar);
        if (dollar == std::string_view::npos) break;
        text.remove_prefix(dollar + 1);
        if (text.starts_with('$')) {
            out += '$';
            text.remove_prefix(1);
            continue;
        }
        Reference reference;
        if (text.starts_with('{')) {
            const auto inside = braced(text.substr(1));
            if (!inside) return refuse(at_, "'${' without its '}'; " + std::string{kForms});
            reference.name = name_at(*inside);
            auto rest = inside->substr(reference.name.size());
            text.remove_prefix(inside->size() + 2);
            if (rest.starts_with(':')) {
                reference.empty_counts = true;
                rest.remove_prefix(1);
            }
            const bool has_sign = !rest.empty() && std::string_view{"-?+"}.find(rest.front()) !=
                                                       std::string_view::npos;
            if (reference.name.empty() ||
                (!has_sign && (!rest.empty() || reference.empty_counts))) {
                return refuse(at_, shown("${" + std::string{*inside} + "}") + " is no variable; " +
                                       std::string{kForms});
            }
            if (has_sign) {
                reference.sign = rest.front();
                reference.word = rest.substr(1);
            }
        } else {
            reference.name = name_at(text);
            if (reference.name.empty()) {
                return refuse(at_, "a '$' before no name; " + std::string{kForms});
            }
            text.remove_prefix(reference.name.size());
        }
        const auto value = resolve(reference, depth);
        if (!value) return value;
        made_ += value->size();
        if (made_ > kMadeMax) return refuse(at_, "variables fill more than 4 MiB here");
        out += *value;
    }
    return out;
}

Checked<std::string> Interpolation::expand(std::string_view text) {
    at_ = {};
    return expand(text, 0);
}

Checked<void> Interpolation::apply(Value& value) {
    for (auto& item : value.items) {
        if (auto done = apply(item); !done) return done;
    }
    for (auto& member : value.members) {
        if (auto done = apply(member.value); !done) return done;
    }
    if (value.kind != Value::Kind::Text || value.text.find('$') == std::string::npos) return {};
    at_ = value.mark;
    auto text = expand(value.text, 0);
    if (!text) return tl::unexpected<Problem>{text.error()};
    value.text = std::move(*text);
    return {};
}

std::string escaped_dollars(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '$') out += '$';
    }
    return out;
}

}  // namespace shoal::compose
