#include "node/host/logs/cursor.h"

#include "node/api/quantities.h"

#include <optional>

namespace shoal::host::logs {
namespace {

// The text up to `separator`, which goes with it.
std::string_view take(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

bool decode_position(std::string_view text, Cursor& out) {
    const auto slot = api::parse_number<std::uint32_t>(take(text, '-'));
    const auto epoch = api::parse_number<placement::Epoch>(take(text, '-'));
    const auto stdout_at = api::parse_number<std::uint64_t>(take(text, '-'));
    const auto stderr_at = api::parse_number<std::uint64_t>(text);
    if (!slot || !epoch || !stdout_at || !stderr_at) return false;
    return out.emplace(std::pair{*slot, *epoch}, std::array{*stdout_at, *stderr_at}).second;
}

}  // namespace

std::string encode_cursor(const Cursor& cursor) {
    std::string out;
    for (const auto& [id, at] : cursor) {
        if (!out.empty()) out += '.';
        out += std::to_string(id.first) + "-" + std::to_string(id.second) + "-" +
               std::to_string(at[0]) + "-" + std::to_string(at[1]);
    }
    return out;
}

Result<Cursor> decode_cursor(std::string_view text) {
    Cursor out;
    bool good = !text.ends_with('.');
    while (good && !text.empty()) {
        good = out.size() < kContainersMax && decode_position(take(text, '.'), out);
    }
    if (good) return out;
    return fail(Errc::Malformed,
                "cursor: expected the text of an earlier answer, or none to begin anew");
}

}  // namespace shoal::host::logs
