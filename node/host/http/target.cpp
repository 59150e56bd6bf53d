#include "node/host/http/target.h"

#include "node/base/utf8.h"
#include "node/host/http/text.h"

#include <cstdint>
#include <optional>

namespace shoal::host::http {
namespace {

std::optional<unsigned> hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10U;
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10U;
    return std::nullopt;
}

enum class Plus { IsPlus, IsSpace };

Result<std::string> decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
            if (!low) return fail(Errc::Malformed, "a '%' without two hex digits");
            out.push_back(static_cast<char>(*high << 4U | *low));
            i += 2;
        } else {
            out.push_back(text[i] == '+' && plus == Plus::IsSpace ? ' ' : text[i]);
        }
    }
    if (out.find('\0') != std::string::npos) return fail(Errc::Malformed, "a NUL");
    if (!is_utf8(out)) return fail(Errc::Malformed, "bytes that are not UTF-8");
    return out;
}

Result<Fields> parse_query(std::string_view text) {
    Fields out;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto word = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (word.empty()) continue;
        const auto equals = word.find('=');
        auto name = decode(word.substr(0, equals), Plus::IsSpace);
        if (!name) return fail(name.error());
        Result<std::string> value{};
        if (equals != std::string_view::npos)
            value = decode(word.substr(equals + 1), Plus::IsSpace);
        if (!value) return fail(value.error());
        if (!out.emplace(*name, std::move(*value)).second) {
            return fail(Errc::Malformed, "'" + *name + "' twice");
        }
    }
    return out;
}

// RFC 3986 section 2.3, and '/' where it separates.
void encode(std::string_view text, std::string_view also, std::string& out) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~";
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || kPlain.find(c) != std::string_view::npos ||
                           also.find(c) != std::string_view::npos;
        if (plain) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4U]);
        out.push_back(kHex[byte & 15U]);
    }
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
    if (!text.starts_with('/')) {
        return fail(Errc::Malformed, "the target of a request is a path that starts with '/'");
    }
    if (text.find('#') != std::string_view::npos) {
        return fail(Errc::Malformed, "the target holds a '#'");
    }
    const auto mark = text.find('?');
    auto path = decode(text.substr(0, mark), Plus::IsPlus);
    if (!path) return fail(Errc::Malformed, "the path holds " + path.error().detail);
    Result<Fields> query{};
    if (mark != std::string_view::npos) query = parse_query(text.substr(mark + 1));
    if (!query) return fail(Errc::Malformed, "the query holds " + query.error().detail);
    return Target{std::move(*path), std::move(*query)};
}

std::string encode_target(const std::string& path, const Fields& query) {
    std::string out;
    encode(path, "/", out);
    char separator = '?';
    for (const auto& [name, value] : query) {
        out.push_back(separator);
        encode(name, {}, out);
        out.push_back('=');
        encode(value, {}, out);
        separator = '&';
    }
    return out;
}

}  // namespace shoal::host::http
