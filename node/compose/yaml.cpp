#include "node/compose/yaml.h"

#include "node/base/utf8.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <sstream>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace shoal::compose {
namespace {

constexpr std::size_t kNodeCost = 64;
constexpr std::string_view kPlain = "?";
constexpr std::string_view kNotPlain = "!";
constexpr std::string_view kCore = "tag:yaml.org,2002:";

// Leaves yaml-cpp's parser by the one way there is.
struct Stop {
    Problem problem{};
};

[[noreturn]] void stop(Mark mark, std::string what) {
    throw Stop{{mark, std::move(what)}};
}

Mark mark_of(const YAML::Mark& mark) {
    if (mark.is_null()) return {};
    return {mark.line + 1, mark.column + 1};
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool all_of(std::string_view text, bool (*fits)(char)) {
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

std::string_view without_sign(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    return text;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_decimal(std::string_view text) {
    text = without_sign(text);
    if (is_one_of(text, {".inf", ".Inf", ".INF"})) return true;
    const auto exponent = text.find_first_of("eE");
    if (exponent != std::string_view::npos) {
        if (!all_of(without_sign(text.substr(exponent + 1)), is_digit)) return false;
        text = text.substr(0, exponent);
    }
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    if (point == std::string_view::npos) return all_of(whole, is_digit);
    const auto rest = text.substr(point + 1);
    if (whole.empty()) return all_of(rest, is_digit);
    return all_of(whole, is_digit) && (rest.empty() || all_of(rest, is_digit));
}

std::size_t cost_of(const Value& value) {
    std::size_t out = kNodeCost + value.text.size();
    for (const auto& item : value.items) {
        out += cost_of(item);
    }
    for (const auto& member : value.members) {
        out += kNodeCost + member.key.size() + cost_of(member.value);
    }
    return out;
}

// Hears the parser's events and builds the tree from the inside out.
class Builder final : public YAML::EventHandler {
public:
    [[nodiscard]] Value take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        finish({Value::Kind::Null, mark_of(mark)}, anchor, false);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            stop(mark_of(mark), "an alias inside of what it stands for; that has no end");
        }
        spend(mark_of(mark), found->second.cost);
        finish(found->second.value, YAML::NullAnchor, false);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        Value value{kind_of(mark_of(mark), tag, text), mark_of(mark), text};
        spend(value.mark, kNodeCost + text.size());
        finish(std::move(value), anchor, tag == kPlain);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark_of(mark), tag, "seq", Value::Kind::List, anchor);
    }

    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark_of(mark), tag, "map", Value::Kind::Map, anchor);
    }

    void OnMapEnd() override { close(); }

private:
    struct Open {
        Value value{};
        YAML::anchor_t anchor = YAML::NullAnchor;
        std::optional<Member> awaiting{};  // its value
        bool merges = false;               // the key awaiting is `<<`
        std::map<std::string, int> lines{};
        std::vector<Value> merged{};
    };

    struct Anchored {
        Value value{};
        std::size_t cost = 0;
    };

    void spend(Mark mark, std::size_t cost) {
        spent_ += cost;
        if (spent_ > kTreeMax) {
            stop(mark, "the document grows beyond 16 MiB here, with what its aliases stand for");
        }
    }

    static Value::Kind kind_of(Mark mark, std::string_view tag, std::string_view text) {
        if (tag == kPlain) return kind_of_plain(text);
        if (tag == kNotPlain || tag.empty()) return Value::Kind::Text;
        const auto type = tag.starts_with(kCore) ? tag.substr(kCore.size()) : std::string_view{};
        if (type == "str") return Value::Kind::Text;
        const auto kind = kind_of_plain(text);
        const bool fits = (type == "int" && kind == Value::Kind::Integer) ||
                          (type == "float" && kind == Value::Kind::Decimal) ||
                          (type == "bool" && kind == Value::Kind::Truth) ||
                          (type == "null" && kind == Value::Kind::Null);
        if (!fits) {
            stop(mark, "tag " + shown(tag) + " does not fit " + shown(text) +
                           "; allowed are !!str, !!int, !!float, !!bool, !!null on what they name");
        }
        return kind;
    }

    void open(Mark mark, std::string_view tag, std::string_view core, Value::Kind kind,
              YAML::anchor_t anchor) {
        const bool known = tag == kPlain || tag == kNotPlain || tag.empty() ||
                           (tag.starts_with(kCore) && tag.substr(kCore.size()) == core);
        if (!known) stop(mark, "tag " + shown(tag) + "; such tags mean nothing here");
        if (stack_.size() >= kDepthMax) stop(mark, "nested deeper than 64 levels");
        if (!stack_.empty() && stack_.back().value.kind == Value::Kind::Map &&
            !stack_.back().awaiting) {
            stop(mark, "a key that is " + std::string{name_of(kind)} + "; a key is a text");
        }
        spend(mark, kNodeCost);
        stack_.push_back({.value = {kind, mark}, .anchor = anchor});
    }

    void close() {
        auto done = std::move(stack_.back());
        stack_.pop_back();
        for (const auto& from : done.merged) {
            merge(done.value, from);
        }
        finish(std::move(done.value), done.anchor, false);
    }

    // What is there already wins: the map's own keys, then the first of several merged.
    void merge(Value& into, const Value& from) {
        for (const auto& member : from.members) {
            if (into.find(member.key) == nullptr) into.members.push_back(member);
        }
    }

    void finish(Value value, YAML::anchor_t anchor, bool plain) {
        if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, cost_of(value)};
        if (stack_.empty()) {
            root_ = std::move(value);
            return;
        }
        auto& parent = stack_.back();
        if (parent.value.kind == Value::Kind::List) {
            parent.value.items.push_back(std::move(value));
        } else if (!parent.awaiting) {
            begin_member(parent, value, plain);
        } else if (parent.merges) {
            take_merge(parent, std::move(value));
        } else {
            // Nothing has no place of its own; the parser names that of what comes next.
            if (value.kind == Value::Kind::Null) value.mark = parent.awaiting->mark;
            parent.awaiting->value = std::move(value);
            parent.value.members.push_back(std::move(*parent.awaiting));
            parent.awaiting.reset();
        }
    }

    static void begin_member(Open& parent, const Value& key, bool plain) {
        if (key.kind == Value::Kind::Null && key.text.empty()) {
            stop(key.mark, "a key is missing before ':'; a key is a text");
        }
        if (!key.is_scalar()) stop(key.mark, "a key that is no text");
        const auto [first, fresh] = parent.lines.emplace(key.text, key.mark.line);
        if (!fresh) {
            stop(key.mark, "key " + shown(key.text) + " stands twice; the first is in line " +
                               std::to_string(first->second));
        }
        parent.merges = plain && key.text == "<<";
        parent.awaiting = Member{key.text, key.mark, {}};
    }

    static void take_merge(Open& parent, Value value) {
        const auto mark = parent.awaiting->mark;
        parent.awaiting.reset();
        const bool one = value.kind == Value::Kind::Map;
        const bool several = value.kind == Value::Kind::List &&
                             std::all_of(value.items.begin(), value.items.end(),
                                         [](const auto& v) { return v.kind == Value::Kind::Map; });
        if (!one && !several) stop(mark, "'<<' merges a map or a list of maps");
        if (one) {
            parent.merged.push_back(std::move(value));
        } else {
            for (auto& item : value.items) {
                parent.merged.push_back(std::move(item));
            }
        }
    }

    Value root_{};
    std::vector<Open> stack_{};
    std::map<YAML::anchor_t, Anchored> anchors_{};
    std::size_t spent_ = 0;
};

// The parser speaks of a block entry or a mapping then, and the tab cannot be seen.
bool is_indented_by_tab(const std::string& text, int line) {
    std::istringstream in{text};
    std::string read;
    for (int i = 0; i < line; ++i) {
        std::getline(in, read);
    }
    return read.substr(0, read.find_first_not_of(" \t")).find('\t') != std::string::npos;
}

Value parse(const std::string& text) {
    std::istringstream in{text};
    YAML::Parser parser{in};
    Builder builder;
    if (!parser.HandleNextDocument(builder)) return {};
    Builder second;
    if (parser.HandleNextDocument(second)) {
        stop(second.take().mark, "a second document; a Compose file is one");
    }
    return builder.take();
}

}  // namespace

Value::Kind kind_of_plain(std::string_view text) {
    if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) return Value::Kind::Null;
    if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
        return Value::Kind::Truth;
    }
    if (all_of(without_sign(text), is_digit) ||
        (text.starts_with("0o") && all_of(text.substr(2), is_octal)) ||
        (text.starts_with("0x") && all_of(text.substr(2), is_hex))) {
        return Value::Kind::Integer;
    }
    if (is_decimal(text) || is_one_of(text, {".nan", ".NaN", ".NAN"})) return Value::Kind::Decimal;
    return Value::Kind::Text;
}

Checked<Value> parse_yaml(const std::string& text) {
    if (text.size() > kFileMax) return refuse({}, "larger than 1 MiB");
    if (!is_utf8(text)) return refuse({}, "not UTF-8 text; save it as UTF-8");
    if (text.find('\0') != std::string::npos) return refuse({}, "holds a NUL byte; it is no text");
    try {
        return parse(text);
    } catch (const Stop& stopped) {
        return tl::unexpected<Problem>{stopped.problem};
    } catch (const YAML::Exception& error) {
        const auto mark = mark_of(error.mark);
        const bool tab = is_indented_by_tab(text, mark.line);
        return refuse(mark, tab ? "a tab before this; YAML is indented with blanks" : error.msg);
    }
}

}  // namespace shoal::compose
