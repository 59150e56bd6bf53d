#include "cli/compose_file.h"

#include "cli/files.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace shoal::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array kUsualNames = {"compose.yaml", "compose.yml", "docker-compose.yaml",
                                    "docker-compose.yml"};
constexpr std::array kOverrides = {"compose.override.yaml", "compose.override.yml",
                                   "docker-compose.override.yaml", "docker-compose.override.yml"};

struct Place {
    std::string file{};
    fs::path folder{};
};

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

Outcome<Place> place_in(const fs::path& folder) {
    // "compose.yaml", not "./compose.yaml".
    const auto shown = [&](const char* name) {
        return folder == "." ? std::string{name} : (folder / name).string();
    };
    for (const auto* name : kUsualNames) {
        if (!is_there(folder / name)) continue;
        for (const auto* other : kOverrides) {
            if (!is_there(folder / other)) continue;
            return failed({Exit::Failed, "read " + shown(name),
                           shown(other) + " stands beside it, and two files are not merged",
                           "name the one that is meant: " + shown(name)});
        }
        return Place{shown(name), folder};
    }
    return failed({Exit::Failed, "read a Compose file",
                   "there is none in " + folder.string() + ": no " +
                       join({kUsualNames.begin(), kUsualNames.end()}, ", "),
                   "name one: shoal config FILE"});
}

Outcome<Place> find_place(const std::string& word) {
    if (word == "-") return Place{"standard input", "."};
    std::error_code ignored;
    if (fs::is_directory(word, ignored)) return place_in(word);
    const auto folder = fs::path{word}.parent_path();
    return Place{word, folder.empty() ? fs::path{"."} : folder};
}

fs::path full_path(const fs::path& folder) {
    std::error_code error;
    const auto out = fs::weakly_canonical(fs::absolute(folder, error), error);
    return error ? folder : out;
}

Outcome<compose::Source> source_of(Context& context, const ComposeWords& words,
                                   const Place& place) {
    const auto folder = full_path(place.folder);
    auto text = words.file == "-" ? read_all(context.world.in) : read_file(place.file);
    if (!text) {
        return failed({Exit::Failed, "read " + place.file, text.error().detail,
                       "a file, a folder with a compose.yaml in it, or '-'"});
    }
    auto env_files = words.env_files;  // of the command line, not of the Compose file's folder
    for (auto& file : env_files) {
        file = full_path(file).string();
    }
    return compose::Source{
        .text = std::move(*text),
        .folder = folder.filename().string(),
        .project = words.project,
        .environment = context.world.environment,
        .env_files = std::move(env_files),
        .profiles = {words.profiles.begin(), words.profiles.end()},
        .read = [folder](const std::string& path) { return read_file((folder / path).string()); }};
}

Failure wrong(const std::string& file, const std::vector<compose::Problem>& problems) {
    std::vector<std::string> lines;
    for (const auto& problem : problems) {
        lines.push_back(compose::to_string(file, problem));
    }
    return {Exit::Failed, "read " + file, join(lines, "\n"), {}};
}

// Sorts what was found into what is refused and what is left out.
Outcome<void> judge(ComposeFile& file, const ComposeWords& words) {
    std::vector<std::pair<compose::Path, bool>> allowed;  // and whether it was of any use
    for (const auto& text : words.allowed) {
        auto path = compose::parse_path(text);
        if (!path) {
            return failed({Exit::Usage,
                           {},
                           "--allow-ignored '" + text + "': no path of a key",
                           "--allow-ignored services.web.volumes"});
        }
        allowed.emplace_back(std::move(*path), false);
    }
    for (auto& finding : file.project.findings) {
        bool is_allowed = false;
        for (auto& [area, used] : allowed) {
            if (compose::lies_within(finding.path, area)) is_allowed = used = true;
        }
        const bool refused = (is_refused(finding) || words.strict) && !is_allowed;
        (refused ? file.refused : file.ignored).push_back(finding);
    }
    for (std::size_t i = 0; i < allowed.size(); ++i) {
        if (allowed[i].second) continue;
        return failed(
            {Exit::Usage,
             {},
             "--allow-ignored " + words.allowed[i] + ": nothing there is refused or ignored",
             "shoal config " + words.file + " shows what is"});
    }
    return {};
}

std::string line_of(const ComposeFile& file, const compose::Finding& finding,
                    const std::string& verdict) {
    return fmt::format("{}: {}: {}: {}", compose::place(file.file, finding.mark), verdict,
                       compose::to_string(finding.path), finding.why);
}

}  // namespace

void add_file_options(CLI::App& command, ComposeWords& words) {
    command.add_option(
        "-f,--file,FILE", words.file,
        "a Compose file, a folder with one, or '-' (default: this folder); also as -f FILE");
    const auto add = [&command](const char* flag, auto& value, const char* help, const char* type) {
        command.add_option(flag, value, help)->type_name(type)->allow_extra_args(false);
    };
    add("-p,--project-name", words.project, "default: the file's 'name', or its folder's", "NAME");
    add("--env-file", words.env_files, "variables instead of those of .env; repeatable", "FILE");
}

void add_key_options(CLI::App& command, ComposeWords& words) {
    const auto add = [&command](const char* flag, auto& value, const char* help, const char* type) {
        command.add_option(flag, value, help)->type_name(type)->allow_extra_args(false);
    };
    add("--profile", words.profiles, "with the services of this profile; repeatable", "NAME");
    add("--allow-ignored", words.allowed,
        "go without a key that is refused: services.web.volumes, services.*.expose; repeatable",
        "PATH");
    command.add_flag("--strict", words.strict, "refuse what can be ignored without harm, too");
}

Outcome<ComposeFile> load_compose_file(Context& context, const ComposeWords& words) {
    const auto place = find_place(words.file);
    if (!place) return failed(place.error());
    const auto source = source_of(context, words, *place);
    if (!source) return failed(source.error());
    auto project = compose::load(*source);
    if (!project) return failed(wrong(place->file, project.error()));
    ComposeFile out{.file = place->file,
                    .folder = full_path(place->folder).string(),
                    .project = std::move(*project)};
    if (auto done = judge(out, words); !done) return failed(done.error());
    return out;
}

Outcome<ProjectName> project_name(Context& context, const ComposeWords& words) {
    if (!words.project.empty()) return ProjectName{words.project, {}};
    const auto place = find_place(words.file);
    if (!place) return failed(place.error());
    const auto source = source_of(context, words, *place);
    if (!source) return failed(source.error());
    const auto named = compose::load_name(*source);
    if (!named) return failed(wrong(place->file, named.error()));
    const bool by_folder = named->named_by == compose::NamedBy::Folder;
    return ProjectName{named->name, by_folder ? full_path(place->folder).string() : std::string{}};
}

void tell_what_is_ignored(Context& context, const ComposeFile& file) {
    std::vector<std::string> lines;
    for (const auto& remark : file.project.remarks) {
        lines.push_back(compose::to_string(file.file, remark));
    }
    for (const auto& finding : file.ignored) {
        lines.push_back(line_of(file, finding, "ignored"));
    }
    for (const auto& line : lines) {
        context.world.err << printable(line) << '\n';
    }
}

std::string lines_of_refused(const ComposeFile& file) {
    std::vector<std::string> lines;
    for (const auto& finding : file.refused) {
        const bool later = finding.treatment == compose::Treatment::NotYet;
        lines.push_back(line_of(file, finding, later ? "refused: not yet" : "refused"));
    }
    return join(lines, "\n");
}

}  // namespace shoal::cli
