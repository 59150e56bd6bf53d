#include "node/host/oci/user.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace shoal::host::oci {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> out;
    for (;;) {
        const auto end = text.find(by);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

struct Line {
    std::string_view name{};
    std::uint32_t id = 0;
    std::vector<std::string_view> fields{};
};

// The first line of /etc/passwd or /etc/group that has this name or, for a number, this id.
std::optional<Line> find(std::string_view file, std::string_view wanted) {
    const auto id = number(wanted);
    for (const auto text : split(file, '\n')) {
        auto fields = split(text, ':');
        if (fields.size() < 4) continue;
        const auto own = number(fields[2]);
        if (!own || (fields[0] != wanted && own != id)) continue;
        const auto name = fields[0];
        return Line{name, *own, std::move(fields)};
    }
    return std::nullopt;
}

std::vector<std::uint32_t> groups_of(std::string_view file, std::string_view user) {
    std::vector<std::uint32_t> out;
    for (const auto text : split(file, '\n')) {
        const auto fields = split(text, ':');
        if (fields.size() < 4) continue;
        const auto id = number(fields[2]);
        for (const auto member : split(fields[3], ',')) {
            if (id && member == user) out.push_back(*id);
        }
    }
    return out;
}

Result<std::uint32_t> group_id(std::string_view file, std::string_view wanted) {
    if (const auto named = find(file, wanted)) return named->id;
    if (const auto id = number(wanted)) return *id;
    return fail(Errc::NotFound,
                "the image's /etc/group has no group '" + std::string{wanted} + "'");
}

}  // namespace

bool needs_files(std::string_view text) {
    if (text.empty()) return false;
    const auto parts = split(text, ':');
    return parts.size() != 2 || !number(parts[0]) || !number(parts[1]);
}

bool needs_files(const std::vector<std::string>& groups) {
    return std::any_of(groups.begin(), groups.end(),
                       [](const std::string& one) { return !number(one); });
}

Result<User> find_user(std::string_view text, std::string_view passwd, std::string_view group) {
    if (text.empty()) return User{};
    const auto parts = split(text, ':');
    if (parts.size() > 2) return fail(Errc::Malformed, "user '" + std::string{text} + "' is none");
    User out;
    const auto line = find(passwd, parts[0]);
    if (line) {
        out.uid = line->id;
        out.gid = number(line->fields[3]).value_or(0);
    } else if (const auto id = number(parts[0])) {
        out.uid = *id;
    } else {
        return fail(Errc::NotFound,
                    "the image's /etc/passwd has no user '" + std::string{parts[0]} + "'");
    }
    if (parts.size() == 1) {
        if (line) out.groups = groups_of(group, line->name);
        return out;
    }
    const auto id = group_id(group, parts[1]);
    if (!id) return fail(id.error());
    out.gid = *id;
    return out;
}

Result<void> add_groups(User& user, const std::vector<std::string>& groups,
                        std::string_view group) {
    for (const auto& one : groups) {
        const auto id = group_id(group, one);
        if (!id) return fail(id.error());
        if (std::find(user.groups.begin(), user.groups.end(), *id) == user.groups.end()) {
            user.groups.push_back(*id);
        }
    }
    return {};
}

}  // namespace shoal::host::oci
