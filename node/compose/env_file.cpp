#include "node/compose/env_file.h"

#include "node/base/utf8.h"

#include <algorithm>
#include <string>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool is_blank(char c) {
    return kBlank.find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_name(std::string_view name) {
    if (name.empty()) return false;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F || c == '=' || c == '"' || c == '\'' || c == '#') {
            return false;
        }
    }
    return true;
}

class Reader {
public:
    Reader(std::string_view text, EnvFormat format, const Variables& variables)
        : text_(text), format_(format), known_(variables) {
        if (text_.starts_with(kBom)) text_.remove_prefix(kBom.size());
    }

    Checked<Variables> read() {
        while (!text_.empty()) {
            ++line_;
            if (auto done = read_line(take_line()); !done) {
                return tl::unexpected<Problem>{done.error()};
            }
        }
        return std::move(out_);
    }

private:
    std::string_view take_line() {
        const auto end = text_.find('\n');
        auto line = text_.substr(0, end);
        text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

    Checked<void> read_line(std::string_view line) {
        line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
        if (line.empty() || line.starts_with('#')) return {};
        if (format_ == EnvFormat::Quoted && line.starts_with("export ")) {
            line = trimmed(line.substr(7));
        }
        const auto equals = line.find('=');
        const auto name = trimmed(line.substr(0, equals));
        if (!is_name(name)) {
            return refuse({line_, 1}, shown(line.substr(0, equals)) +
                                          " is no name of a variable; expected NAME=VALUE");
        }
        if (equals == std::string_view::npos) {
            const auto found = known_.find(std::string{name});
            if (found != known_.end()) out_[std::string{name}] = found->second;
            return {};
        }
        auto value = format_ == EnvFormat::Raw ? Checked<std::string>{line.substr(equals + 1)}
                                               : value_of(line.substr(equals + 1));
        if (!value) return tl::unexpected<Problem>{value.error()};
        known_.emplace(name, *value);  // what is set where the command runs comes first
        out_[std::string{name}] = std::move(*value);
        return {};
    }

    Checked<std::string> value_of(std::string_view rest) {
        rest = trimmed(rest);
        if (rest.starts_with('\'') || rest.starts_with('"')) return quoted_value(rest);
        for (std::size_t i = 0; i < rest.size(); ++i) {
            if (rest[i] == '#' && (i == 0 || is_blank(rest[i - 1]))) {
                rest = trimmed(rest.substr(0, i));
                break;
            }
        }
        return resolved(rest, line_);
    }

    Checked<std::string> quoted_value(std::string_view rest) {
        const char quote = rest.front();
        const int first = line_;
        std::string out;
        rest.remove_prefix(1);
        for (;;) {
            for (std::size_t i = 0; i < rest.size(); ++i) {
                if (rest[i] == quote) return finish(out, quote, rest.substr(i + 1), first);
                if (quote == '"' && rest[i] == '\\' && i + 1 < rest.size()) {
                    append_escape(out, rest[++i]);
                } else {
                    out += rest[i];
                }
            }
            if (text_.empty()) break;
            out += '\n';
            ++line_;
            rest = take_line();
        }
        return refuse({first, 1}, std::string{"a quote "} + quote + " that is never closed");
    }

    // A dollar that was escaped stays one.
    static void append_escape(std::string& out, char c) {
        switch (c) {
            case 'n':
                out += '\n';
                return;
            case 'r':
                out += '\r';
                return;
            case 't':
                out += '\t';
                return;
            case '"':
            case '\\':
                out += c;
                return;
            case '$':
                out += "$$";
                return;
            default:
                out += '\\';
                out += c;
                return;
        }
    }

    Checked<std::string> finish(const std::string& value, char quote, std::string_view rest,
                                int first) {
        rest = trimmed(rest);
        if (!rest.empty() && !rest.starts_with('#')) {
            return refuse({line_, 1}, "text after the closing quote; only a comment may follow");
        }
        if (quote == '\'') return value;
        return resolved(value, first);
    }

    Checked<std::string> resolved(std::string_view text, int line) {
        if (text.find('$') == std::string_view::npos) return std::string{text};
        Interpolation interpolation{known_};
        auto out = interpolation.expand(text);
        if (!out) return refuse({line, 1}, out.error().what);
        made_ += out->size();
        if (made_ > (4U << 20U)) return refuse({line, 1}, "variables fill more than 4 MiB here");
        return out;
    }

    std::string_view text_;
    EnvFormat format_;
    Variables known_;
    Variables out_{};
    int line_ = 0;
    std::size_t made_ = 0;
};

}  // namespace

Checked<Variables> parse_env_file(std::string_view text, EnvFormat format,
                                  const Variables& variables) {
    if (!is_utf8(text)) return refuse({}, "not UTF-8 text");
    if (text.find('\0') != std::string_view::npos) return refuse({}, "holds a NUL byte");
    return Reader{text, format, variables}.read();
}

}  // namespace shoal::compose
