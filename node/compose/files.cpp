#include "node/compose/files.h"

#include "node/api/quantities.h"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::uint64_t kIdMax = std::numeric_limits<std::uint32_t>::max();

// One group, "configs" or "secrets".
class Group {
public:
    Group(const Value& declared, bool secret, const Variables& variables, const FileReader& read,
          Problems& problems)
        : declared_(declared),
          secret_(secret),
          variables_(variables),
          read_(read),
          problems_(problems) {}

    std::vector<File> files(const Value& wanted, std::string_view key) {
        if (wanted.kind == Value::Kind::Null) return {};
        if (wanted.kind != Value::Kind::List) {
            problems_.unfit(wanted, key, "a list of names, or of {source, target, uid, gid, mode}");
            return {};
        }
        std::vector<File> out;
        for (const auto& item : wanted.items) {
            if (auto file = item.kind == Value::Kind::Map ? long_form(item) : short_form(item)) {
                out.push_back(std::move(*file));
            }
        }
        return out;
    }

private:
    std::optional<File> short_form(const Value& item) {
        const auto name = read_text(item, word(), problems_);
        if (!name) return std::nullopt;
        return filled({.target = place(*name), .secret = secret_}, *name, item);
    }

    std::optional<File> long_form(const Value& item) {
        const auto name = read_text(at(item, "source"), "source", problems_);
        if (!name) return std::nullopt;
        File out{.target = place(*name), .secret = secret_};
        if (const auto* target = item.find("target")) {
            const auto text = read_text(*target, "target", problems_);
            if (text) out.target = place(*text);
        }
        const auto number = [&](const char* key, std::uint32_t& into) {
            const auto* value = item.find(key);
            if (value == nullptr) return;
            const auto read = read_number(*value, key, kIdMax, problems_);
            if (read) into = static_cast<std::uint32_t>(*read);
        };
        number("uid", out.uid);
        number("gid", out.gid);
        if (const auto* mode = item.find("mode")) {
            out.mode = read_mode(*mode, problems_).value_or(out.mode);
        }
        return filled(std::move(out), *name, item);
    }

    [[nodiscard]] const char* word() const { return secret_ ? "secrets" : "configs"; }

    // A path as it is; a name where the specification puts it.
    [[nodiscard]] std::string place(const std::string& target) const {
        if (target.starts_with('/')) return target;
        return (secret_ ? "/run/secrets/" : "/") + target;
    }

    std::optional<File> filled(File file, const std::string& name, const Value& named) {
        const auto* source = declared_.find(name);
        if (source == nullptr) return std::nullopt;  // Told by whoever looks at references.
        auto content = content_of(*source, name);
        if (!content) return std::nullopt;
        if (content->size() > kFileBytesMax) {
            problems_.add(named.mark, std::string{word()} + ": " + shown(name) + " is " +
                                          std::to_string(content->size()) +
                                          " bytes; at most 64 KiB can be handed to a service, "
                                          "larger files belong in its image or a volume");
            return std::nullopt;
        }
        file.content = std::move(*content);
        return file;
    }

    std::optional<std::string> content_of(const Value& source, const std::string& name) {
        const auto where = std::string{word()} + "." + name;
        if (const auto* path = source.find("file")) {
            const auto text = read_text(*path, "file", problems_);
            if (!text) return std::nullopt;
            auto content = read_(*text);
            if (content) return std::move(*content);
            problems_.add(path->mark, where + ": " + content.error().detail);
            return std::nullopt;
        }
        if (const auto* variable = source.find("environment")) {
            const auto text = read_text(*variable, "environment", problems_);
            if (!text) return std::nullopt;
            const auto found = variables_.find(*text);
            if (found != variables_.end()) return found->second;
            problems_.add(variable->mark, where + ": variable " + shown(*text) + " is not set");
            return std::nullopt;
        }
        if (const auto* content = source.find("content")) {
            return read_text(*content, "content", problems_);
        }
        if (source.find("external") == nullptr) {
            problems_.add(source.mark,
                          where +
                              ": expected 'file', 'environment' or 'content', to say what is "
                              "in it");
        }
        return std::nullopt;
    }

    const Value& declared_;
    bool secret_;
    const Variables& variables_;
    const FileReader& read_;
    Problems& problems_;
};

}  // namespace

std::optional<std::uint32_t> read_mode(const Value& value, Problems& problems) {
    std::string_view digits = value.text;
    if (digits.starts_with("0o")) digits.remove_prefix(2);
    std::uint32_t out = 0;
    bool good = value.is_scalar() && !digits.empty() && digits.size() <= 5;
    for (const char digit : digits) {
        good = good && digit >= '0' && digit <= '7';
        if (good) out = out * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    if (good && out <= 07777) return out;
    problems.unfit(value, "mode", "octal digits, as 0444");
    return std::nullopt;
}

std::vector<File> read_files(const Value& service, const Value& root, const Variables& variables,
                             const FileReader& read, Problems& problems) {
    std::vector<File> out;
    for (const bool secret : {false, true}) {
        const char* key = secret ? "secrets" : "configs";
        Group group{at(root, key), secret, variables, read, problems};
        auto files = group.files(at(service, key), key);
        out.insert(out.end(), std::make_move_iterator(files.begin()),
                   std::make_move_iterator(files.end()));
    }
    return out;
}

}  // namespace shoal::compose
