#include "node/compose/environment.h"

#include "node/compose/env_file.h"

#include <optional>
#include <utility>

namespace shoal::compose {
namespace {

using Texts = std::map<std::string, std::string>;

struct NamedFile {
    std::string path{};
    Mark mark{};
    bool required = true;
    EnvFormat format = EnvFormat::Quoted;
};

// Nothing, also where something is wrong with it.
Variables read_named(const NamedFile& file, const std::string& key, const Variables& variables,
                     const FileReader& read, Problems& problems) {
    const auto text = read(file.path);
    if (!text) {
        if (file.required) {
            problems.add(file.mark, key + " " + shown(file.path) + ": " + text.error().detail);
        }
        return {};
    }
    auto out = parse_env_file(*text, file.format, variables);
    if (!out) {
        problems.add(file.mark, key + ": " + to_string(file.path, out.error()));
        return {};
    }
    return std::move(*out);
}

std::optional<NamedFile> environment_file(const Value& item, Problems& problems) {
    const auto& named = item.kind == Value::Kind::Map ? at(item, "path") : item;
    const auto path = read_text(named, "env_file", problems);
    if (!path) return std::nullopt;
    NamedFile out{.path = *path, .mark = named.mark};
    if (const auto* value = item.find("required")) {
        out.required = read_truth(*value, "required", problems).value_or(true);
    }
    if (const auto* value = item.find("format")) {
        if (value->text != "raw") problems.unfit(*value, "format", "raw");
        out.format = EnvFormat::Raw;
    }
    return out;
}

void add_label(Texts& labels, const std::string& name, std::string value, Mark mark,
               Problems& problems) {
    if (name.starts_with("shoal.")) {
        problems.add(mark,
                     "label " + shown(name) + ": names that begin with 'shoal.' are shoal's own");
    }
    labels[name] = std::move(value);
}

}  // namespace

Texts read_environment(const Value& service, const Variables& variables, const FileReader& read,
                       Problems& problems) {
    Texts out;
    const auto add = [&](const Value& item) {
        const auto file = environment_file(item, problems);
        if (!file) return;
        for (auto& [name, content] : read_named(*file, "env_file", variables, read, problems)) {
            out[name] = content;
        }
    };
    const auto& files = at(service, "env_file");
    if (files.kind == Value::Kind::List) {
        for (const auto& item : files.items) {
            add(item);
        }
    } else if (is_said(files)) {
        add(files);
    }
    for (auto& [name, setting] :
         read_settings(at(service, "environment"), "environment", problems)) {
        if (setting.value) {
            out[name] = std::move(*setting.value);
            continue;
        }
        const auto found = variables.find(name);
        if (found != variables.end()) out[name] = found->second;
    }
    return out;
}

Texts read_labels(const Value& service, const Variables& variables, const FileReader& read,
                  Problems& problems) {
    Texts out;
    const auto& files = at(service, "label_file");
    for (const auto& path : read_texts(files, "label_file", problems)) {
        const NamedFile file{.path = path, .mark = files.mark};
        for (const auto& [name, value] :
             read_named(file, "label_file", variables, read, problems)) {
            add_label(out, name, value, files.mark, problems);
        }
    }
    for (auto& [name, setting] : read_settings(at(service, "labels"), "labels", problems)) {
        add_label(out, name, setting.value.value_or(""), setting.mark, problems);
    }
    return out;
}

}  // namespace shoal::compose
