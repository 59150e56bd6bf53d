#include "node/compose/reading.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::size_t kProblemsMax = 50;  // nobody reads more at once
constexpr std::size_t kNearMax = 64;

struct Unit {
    std::string_view name{};
    std::uint64_t us = 0;
};

constexpr std::array kUnits = {Unit{"us", 1}, Unit{"ms", 1'000}, Unit{"s", 1'000'000},
                               Unit{"m", 60'000'000}, Unit{"h", 3'600'000'000}};
constexpr std::uint64_t kSpanMax = 365ULL * 24 * 3'600'000;  // milliseconds

constexpr std::string_view kBlank = " \t\r\n";

// One word of a line at a time, with its quotes and backslashes taken off.
class Words {
public:
    explicit Words(std::string_view line) : rest_(line) {}

    std::optional<std::vector<std::string>> all() {
        std::vector<std::string> out;
        for (;;) {
            rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size()));
            if (rest_.empty()) return out;
            auto word = next();
            if (!word) return std::nullopt;
            out.push_back(std::move(*word));
        }
    }

private:
    std::optional<std::string> next() {
        std::string out;
        while (!rest_.empty() && kBlank.find(rest_.front()) == std::string_view::npos) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '\'' || c == '"') {
                if (!take_quoted(c, out)) return std::nullopt;
            } else if (c == '\\') {
                if (rest_.empty()) return std::nullopt;
                out += rest_.front();
                rest_.remove_prefix(1);
            } else {
                out += c;
            }
        }
        return out;
    }

    bool take_quoted(char quote, std::string& out) {
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == quote) return true;
            const bool escape =
                quote == '"' && c == '\\' && !rest_.empty() &&
                std::string_view{"\"\\$`"}.find(rest_.front()) != std::string_view::npos;
            if (escape) {
                out += rest_.front();
                rest_.remove_prefix(1);
            } else {
                out += c;
            }
        }
        return false;
    }

    std::string_view rest_;
};

void add_setting(std::map<std::string, Setting>& out, std::string name, Setting setting,
                 std::string_view key, Problems& problems) {
    if (name.empty()) {
        problems.add(setting.mark, std::string{key} + ": a name is missing before '='");
        return;
    }
    out[std::move(name)] = std::move(setting);
}

}  // namespace

void Problems::add(Mark mark, std::string what) {
    if (list_.size() < kProblemsMax) list_.push_back({mark, std::move(what)});
}

void Problems::unfit(const Value& value, std::string_view key, std::string_view allowed) {
    const auto found = value.is_scalar() && value.kind != Value::Kind::Null
                           ? shown(value.text)
                           : std::string{name_of(value.kind)};
    add(value.mark,
        std::string{key} + ": " + found + " does not fit; allowed is " + std::string{allowed});
}

std::vector<Problem> Problems::take() {
    sort_by_place(list_);
    list_.erase(std::unique(list_.begin(), list_.end()), list_.end());
    return std::move(list_);
}

void sort_by_place(std::vector<Problem>& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.mark.line, a.mark.column) < std::tie(b.mark.line, b.mark.column);
    });
}

std::optional<std::string> read_text(const Value& value, std::string_view key, Problems& problems) {
    if (value.is_scalar() && value.kind != Value::Kind::Null) return value.text;
    problems.unfit(value, key, "a text");
    return std::nullopt;
}

std::optional<std::uint64_t> read_number(const Value& value, std::string_view key,
                                         std::uint64_t max, Problems& problems) {
    const auto number = value.is_scalar() ? api::parse_number<std::uint64_t>(value.text)
                                          : std::optional<std::uint64_t>{};
    if (number && *number <= max) return number;
    problems.unfit(value, key, "a whole number from 0 to " + std::to_string(max));
    return std::nullopt;
}

std::optional<bool> read_truth(const Value& value, std::string_view key, Problems& problems) {
    if (value.is_truth(true)) return true;
    if (value.is_truth(false)) return false;
    problems.unfit(value, key, "true or false");
    return std::nullopt;
}

std::vector<std::string> read_texts(const Value& value, std::string_view key, Problems& problems) {
    std::vector<std::string> out;
    if (value.kind == Value::Kind::Null) return out;
    if (value.is_scalar()) return {value.text};
    if (value.kind == Value::Kind::Map) problems.unfit(value, key, "a list of texts");
    for (const auto& item : value.items) {
        if (auto text = read_text(item, key, problems)) out.push_back(std::move(*text));
    }
    return out;
}

std::map<std::string, Setting> read_settings(const Value& value, std::string_view key,
                                             Problems& problems) {
    std::map<std::string, Setting> out;
    if (value.is_scalar() && value.kind != Value::Kind::Null) {
        problems.unfit(value, key, "a map NAME: VALUE or a list of NAME=VALUE");
    }
    for (const auto& member : value.members) {
        Setting setting{.mark = member.value.mark};
        if (member.value.kind != Value::Kind::Null) {
            setting.value = read_text(member.value, key, problems);
        }
        add_setting(out, member.key, std::move(setting), key, problems);
    }
    for (const auto& item : value.items) {
        const auto text = read_text(item, key, problems);
        if (!text) continue;
        const auto equals = text->find('=');
        Setting setting{.mark = item.mark};
        if (equals != std::string::npos) setting.value = text->substr(equals + 1);
        add_setting(out, text->substr(0, equals), std::move(setting), key, problems);
    }
    return out;
}

std::optional<std::uint64_t> parse_span(std::string_view text) {
    if (text == "0") return 0;
    if (text.empty()) return std::nullopt;
    std::uint64_t us = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = api::parse_number<std::uint64_t>(text.substr(0, end));
        text.remove_prefix(end);
        const auto name = text.substr(0, text.find_first_of("0123456789"));
        const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [&](const Unit& known) { return known.name == name; });
        if (!number || unit == kUnits.end() || *number > kSpanMax * 1000 / unit->us) {
            return std::nullopt;
        }
        us += *number * unit->us;
        if (us > kSpanMax * 1000) return std::nullopt;
        text.remove_prefix(name.size());
    }
    return us / 1000;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    return Words{line}.all();
}

bool is_near(std::string_view a, std::string_view b) {
    if (a.size() > kNearMax || b.size() > kNearMax) return false;
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t k = 0; k < b.size(); ++k) {
            const auto change = diagonal + (a[i] == b[k] ? 0U : 1U);
            diagonal = row[k + 1];
            row[k + 1] = std::min({change, row[k] + 1, row[k + 1] + 1});
        }
    }
    return row.back() <= (std::max(a.size(), b.size()) > 4 ? 2U : 1U);
}

}  // namespace shoal::compose
