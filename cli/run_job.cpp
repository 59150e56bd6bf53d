#include "cli/run_job.h"

#include "cli/files.h"
#include "cli/text.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace shoal::cli {
namespace {

constexpr std::size_t kNameMax = 40;  // of an image's part in a name

Failure usage(std::string happened, std::string hint) {
    return {Exit::Usage, "run this", std::move(happened), std::move(hint)};
}

// `where` names the file and line, or the flag.
Outcome<void> set_variable(Json& environment, const std::string& text, const std::string& where,
                           const World& world) {
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    if (key.empty()) {
        return failed(usage(where + ": '" + text + "' has no name before its '='", "KEY=VALUE"));
    }
    if (equals != std::string::npos) {
        environment[key] = text.substr(equals + 1);
        return {};
    }
    const auto found = world.environment.find(key);
    if (found == world.environment.end()) {
        // A container that silently lacks a variable is found out late.
        return failed(usage(where + ": " + key + " is not set here", key + "=VALUE"));
    }
    environment[key] = found->second;
    return {};
}

// KEY=VALUE lines, taken as they are; blank ones and those with '#' first are skipped.
Outcome<void> read_variables(Json& environment, const std::string& path, const World& world) {
    const auto text = path == "-" ? read_all(world.in) : read_file(path);
    if (!text) return failed({Exit::Failed, "run this", text.error().detail, {}});
    std::size_t number = 0;
    for (const auto line : split(*text, '\n')) {
        ++number;
        auto variable = std::string{line};
        if (variable.ends_with('\r')) variable.pop_back();
        variable.erase(0, variable.find_first_not_of(" \t"));
        if (variable.empty() || variable.front() == '#') continue;
        const auto where = path + ":" + std::to_string(number);
        if (auto done = set_variable(environment, variable, where, world); !done) return done;
    }
    return {};
}

Outcome<Json> environment_of(const RunWords& words, const World& world) {
    Json out = Json::object();
    for (const auto& file : words.environment_files) {
        if (auto done = read_variables(out, file, world); !done) return failed(done.error());
    }
    // What is on the command line is nearer to the person than what is in a file.
    for (const auto& variable : words.environment) {
        if (auto done = set_variable(out, variable, "--env", world); !done) {
            return failed(done.error());
        }
    }
    return out;
}

Outcome<Json> labels_of(const RunWords& words) {
    Json out = Json::object();
    for (const auto& label : words.labels) {
        const auto equals = label.find('=');
        const auto key = label.substr(0, equals);
        if (key.empty()) return failed(usage("--label: '" + label + "' has no name", "KEY=VALUE"));
        out[key] = equals == std::string::npos ? "" : label.substr(equals + 1);
    }
    return out;
}

}  // namespace

Outcome<Json> job_of(const RunWords& words, const World& world) {
    const auto replicas = parse_number(words.replicas);
    if (!replicas) {
        return failed(usage("--replicas " + words.replicas + ": not a number", "--replicas 3"));
    }
    auto environment = environment_of(words, world);
    if (!environment) return failed(environment.error());
    auto labels = labels_of(words);
    if (!labels) return failed(labels.error());
    Json job = {{"image", words.image}};
    if (words.global) {
        job["mode"] = "global";
    } else {
        job["replicas"] = *replicas;
    }
    const auto add = [&job](const char* member, Json value) {
        if (!value.empty() && value != "") job[member] = std::move(value);
    };
    add("command", Json(words.command));
    add("environment", std::move(*environment));
    add("labels", std::move(*labels));
    add("ports", Json(words.publish));
    add("constraints", Json(words.constraints));
    add("cpus", Json(words.cpus));
    add("memory", Json(words.memory));
    add("restart", Json(words.remove ? "never" : words.restart));
    if (words.init) job["init"] = true;
    return job;
}

std::string derived_name(std::string_view image, std::string_view id) {
    image = image.substr(0, image.find('@'));
    if (const auto slash = image.rfind('/'); slash != std::string_view::npos) {
        image.remove_prefix(slash + 1);
    }
    image = image.substr(0, image.find(':'));
    std::string name;
    for (const char c : image.substr(0, kNameMax)) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        name.push_back(upper ? static_cast<char>(c - 'A' + 'a') : fits ? c : '-');
    }
    name.erase(0, std::min(name.find_first_not_of('-'), name.size()));
    if (name.empty()) name = "job";
    return name + "-" + std::string{id.substr(0, 4)};
}

}  // namespace shoal::cli
