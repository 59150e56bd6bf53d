#include "node/host/daemon/mounts_json.h"

#include "node/api/content.h"
#include "node/api/quantities.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace shoal::host {
namespace {

using nlohmann::json;
using placement::File;
using placement::Mount;
using placement::MountKind;

Result<void> expected(const std::string& member, const std::string& what) {
    return fail(Errc::Malformed, member + ": expected " + what);
}

// "0444": octal, as everybody writes modes.
std::optional<std::uint32_t> parse_mode(const json& value) {
    if (!value.is_string()) return std::nullopt;
    const auto text = value.get<std::string>();
    if (text.empty() || text.size() > 5) return std::nullopt;
    std::uint32_t out = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '7') return std::nullopt;
        out = out * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    return out;
}

// Reads members of an object one by one, and remembers the first that is wrong.
class Members {
public:
    Members(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

    void text(const char* name, std::string& out) {
        const auto* value = take(name);
        if (value == nullptr) return;
        if (!value->is_string()) return complain(name, "text");
        out = value->get<std::string>();
    }

    void truth(const char* name, bool& out) {
        const auto* value = take(name);
        if (value == nullptr) return;
        if (!value->is_boolean()) return complain(name, "true or false");
        out = value->get<bool>();
    }

    void mode(const char* name, std::uint32_t& out) {
        const auto* value = take(name);
        if (value == nullptr) return;
        const auto read = parse_mode(*value);
        if (!read) return complain(name, "octal digits as text, \"0444\"");
        out = *read;
    }

    template <class Number>
    void number(const char* name, Number& out) {
        const auto* value = take(name);
        if (value == nullptr) return;
        if (!value->is_number_unsigned() ||
            value->get<std::uint64_t>() > std::numeric_limits<Number>::max()) {
            return complain(name, "a whole number from 0 to " +
                                      std::to_string(std::numeric_limits<Number>::max()));
        }
        out = static_cast<Number>(value->get<std::uint64_t>());
    }

    // Said by a node, and of no use to one.
    void skip(const char* name) { (void)take(name); }

    void complain(const std::string& name, const std::string& what) {
        if (done_) done_ = expected(where_ + "." + name, what);
    }

    [[nodiscard]] const json* find(const char* name) { return take(name); }

    [[nodiscard]] Result<void> done() {
        if (!done_) return done_;
        for (const auto& [name, value] : object_.items()) {
            if (seen_.find(" " + name + " ") == std::string::npos) {
                return fail(Errc::Malformed,
                            where_ + ": '" + name + "' is no member of one (docs/api.md)");
            }
        }
        return {};
    }

private:
    const json* take(const char* name) {
        seen_ += std::string{" "} + name + " ";
        const auto found = object_.find(name);
        return found == object_.end() ? nullptr : &*found;
    }

    const json& object_;
    std::string where_;
    std::string seen_;
    Result<void> done_{};
};

Result<Mount> read_mount(const json& value, const std::string& where) {
    Mount out;
    Members members{value, where};
    std::string type = "volume";
    members.text("type", type);
    if (type == "bind") {
        out.kind = MountKind::Bind;
    } else if (type == "tmpfs") {
        out.kind = MountKind::Tmpfs;
    } else if (type != "volume") {
        members.complain("type", "one of volume, bind, tmpfs");
    }
    members.text("source", out.source);
    members.text("target", out.target);
    members.truth("read_only", out.read_only);
    members.truth("shared", out.shared);
    members.truth("external", out.external);
    members.truth("copy", out.copy);
    members.number("size", out.size_bytes);
    members.mode("mode", out.mode);
    if (auto done = members.done(); !done) return fail(done.error());
    return out;
}

Result<File> read_file(const json& value, const std::string& where) {
    File out;
    Members members{value, where};
    members.text("target", out.target);
    members.number("uid", out.uid);
    members.number("gid", out.gid);
    members.mode("mode", out.mode);
    members.truth("secret", out.secret);
    members.skip("size");
    members.skip("digest");
    std::string text;
    members.text("content", text);
    std::string coded;
    members.text("content_base64", coded);
    if (!value.contains("content") && !value.contains("content_base64")) {
        members.complain("content",
                         "what is in the file, or content_base64; no node tells it again");
    }
    if (!coded.empty()) {
        auto bytes = api::from_base64(coded);
        if (!bytes) members.complain("content_base64", "base64");
        text = bytes.value_or("");
    }
    out.content = to_blob(text);
    if (auto done = members.done(); !done) return fail(done.error());
    return out;
}

template <class One, class Read>
Result<void> read_all(const json& value, const std::string& member, std::size_t most,
                      std::vector<One>& out, const Read& read) {
    if (!value.is_array() || value.size() > most) {
        return expected(member, "a list of at most " + std::to_string(most) + " objects");
    }
    for (const auto& item : value) {
        const auto where = member + "[" + std::to_string(out.size()) + "]";
        if (!item.is_object()) return expected(where, "an object");
        auto one = read(item, where);
        if (!one) return fail(one.error());
        out.push_back(std::move(*one));
    }
    return {};
}

}  // namespace

Result<void> read_mounts(const json& value, std::vector<Mount>& out) {
    return read_all(value, "mounts", placement::kMountsMax, out, read_mount);
}

Result<void> read_files(const json& value, std::vector<File>& out) {
    return read_all(value, "files", placement::kFilesMax, out, read_file);
}

json to_json(const std::vector<Mount>& mounts) {
    json out = json::array();
    for (const Mount& mount : mounts) {
        json one{{"target", mount.target}, {"read_only", mount.read_only}};
        switch (mount.kind) {
            case MountKind::Volume:
                one["type"] = "volume";
                one["source"] = mount.source;
                one["shared"] = mount.shared;
                one["external"] = mount.external;
                one["copy"] = mount.copy;
                break;
            case MountKind::Bind:
                one["type"] = "bind";
                one["source"] = mount.source;
                break;
            case MountKind::Tmpfs:
                one["type"] = "tmpfs";
                one["size"] = mount.size_bytes;
                one["mode"] = api::octal(mount.mode);
                break;
        }
        out.push_back(std::move(one));
    }
    return out;
}

json to_json(const std::vector<File>& files) {
    json out = json::array();
    for (const File& file : files) {
        const auto view = file.content.view();
        const std::string_view bytes{reinterpret_cast<const char*>(view.data()), view.size()};
        out.push_back({{"target", file.target},
                       {"uid", file.uid},
                       {"gid", file.gid},
                       {"mode", api::octal(file.mode)},
                       {"secret", file.secret},
                       {"size", view.size()},
                       {"digest", api::digest_of(bytes)}});
    }
    return out;
}

}  // namespace shoal::host
