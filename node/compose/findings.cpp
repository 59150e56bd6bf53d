#include "node/compose/findings.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::size_t kListedMax = 12;

bool asks_for_nothing(const Value& value) {
    if (value.is_scalar()) return value.kind == Value::Kind::Null;
    return value.items.empty() && value.members.empty();
}

bool is_among(std::string_view word, std::string_view words) {
    while (!words.empty()) {
        const auto bar = words.find('|');
        if (word == words.substr(0, bar)) return true;
        words = bar == std::string_view::npos ? std::string_view{} : words.substr(bar + 1);
    }
    return false;
}

class Search {
public:
    explicit Search(Problems& problems) : problems_(problems) {}

    void look(const Value& value, Mark mark, const Value* parent, Treatment worst) {
        const auto* rule = find_rule(pattern_path_);
        if (rule == nullptr) return;  // of another form than it should be; its reader says so
        const auto treatment = treatment_of(*rule, value, parent);
        if (treatment > worst) {
            worst = treatment;
            found_.push_back({path_, mark, treatment, rule->why});
        }
        if (rule->pattern.ends_with("**") || rule->pattern == "x-*") return;
        for (const auto& member : value.members) {
            enter(member, value, worst);
        }
        for (std::size_t i = 0; i < value.items.size(); ++i) {
            pattern_path_.emplace_back(kItem);
            path_.push_back("[" + std::to_string(i) + "]");
            look(value.items[i], value.items[i].mark, &value, worst);
            leave();
        }
    }

    [[nodiscard]] std::vector<Finding> take() { return std::move(found_); }

private:
    void enter(const Member& member, const Value& parent, Treatment worst) {
        const auto siblings_of = pattern_path_;
        pattern_path_.push_back(member.key);
        path_.push_back(member.key);
        if (find_rule(pattern_path_) == nullptr) {
            problems_.add(member.mark, complaint(member.key, siblings_of));
        } else {
            look(member.value, member.mark, &parent, worst);
        }
        leave();
    }

    void leave() {
        pattern_path_.pop_back();
        path_.pop_back();
    }

    static Treatment treatment_of(const KeyRule& rule, const Value& value, const Value* parent) {
        if (rule.treatment == Treatment::Honoured || asks_for_nothing(value)) {
            return Treatment::Honoured;
        }
        if (value.is_scalar() && is_among(value.text, rule.as_is)) return Treatment::Honoured;
        if (!rule.beside.empty() && parent != nullptr && parent->find(rule.beside) != nullptr) {
            return Treatment::Harmless;
        }
        return rule.treatment;
    }

    [[nodiscard]] std::string complaint(const std::string& key, const Path& parent) const {
        auto where = path_;
        where.pop_back();
        std::string out = "unknown key " + shown(key);
        if (!where.empty()) out += " in " + to_string(where);
        const auto known = known_keys(parent);
        const auto near = std::find_if(known.begin(), known.end(),
                                       [&](std::string_view one) { return is_near(key, one); });
        if (near != known.end()) return out + "; did you mean '" + std::string{*near} + "'?";
        if (known.empty()) return out + "; it takes no keys";
        if (known.size() > kListedMax) {
            return out +
                   "; docs/compose.md lists the keys there are, and keys that begin with 'x-' "
                   "are yours";
        }
        out += "; allowed are ";
        for (const auto& one : known) {
            out += std::string{one} + (&one == &known.back() ? "" : ", ");
        }
        return out;
    }

    Problems& problems_;
    Path pattern_path_{};  // items are "[]"
    Path path_{};          // and here they have numbers
    std::vector<Finding> found_{};
};

}  // namespace

std::vector<Finding> find_unhonoured(const Value& root, Problems& problems) {
    Search search{problems};
    search.look(root, root.mark, nullptr, Treatment::Honoured);
    return search.take();
}

std::optional<Path> parse_path(std::string_view text) {
    Path out;
    std::string part;
    const auto finish = [&] {
        if (!part.empty()) out.push_back(std::exchange(part, {}));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '.') {
            finish();
        } else if (text[i] == '\'') {
            const auto end = text.find('\'', i + 1);
            if (end == std::string_view::npos) return std::nullopt;
            part += text.substr(i + 1, end - i - 1);
            i = end;
        } else {
            if (text[i] == '[') finish();
            part += text[i];
        }
    }
    finish();
    if (out.empty()) return std::nullopt;
    return out;
}

bool lies_within(const Path& path, const Path& area) {
    if (area.size() > path.size()) return false;
    return std::equal(
        area.begin(), area.end(), path.begin(),
        [](const std::string& a, const std::string& b) { return a == "*" || a == b; });
}

}  // namespace shoal::compose
