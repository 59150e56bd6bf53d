// What `config`, `up` and `down` have in common: which file is meant, what it comes to, and what is
// said of the keys that are not honoured.
#pragma once

#include "cli/context.h"
#include "node/compose/project.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace shoal::cli {

struct ComposeWords {
    std::string file = ".";  // a file, a folder with one of the usual names in it, or "-"
    std::string project{};
    std::vector<std::string> profiles{};
    std::vector<std::string> env_files{};
    std::vector<std::string> allowed{};  // paths of refused keys to go without
    bool strict = false;                 // refuse what is harmless too
};

struct ComposeFile {
    std::string file{};    // as it is shown
    std::string folder{};  // absolute
    compose::Project project{};
    std::vector<compose::Finding> refused{};
    std::vector<compose::Finding> ignored{};
};

void add_file_options(CLI::App& command, ComposeWords& words);  // which file, whose project
void add_key_options(CLI::App& command, ComposeWords& words);   // what to do without

// Reads it and judges its keys. What is wrong with it is one failure with a line each.
Outcome<ComposeFile> load_compose_file(Context& context, const ComposeWords& words);

struct ProjectName {
    std::string name{};
    std::string folder{};  // absolute, if the name was made from it; else empty
};

// With -p the file is not even opened.
Outcome<ProjectName> project_name(Context& context, const ComposeWords& words);

// "compose.yaml:4:5: ignored: services.web.expose: why", and the remarks.
void tell_what_is_ignored(Context& context, const ComposeFile& file);

// A line each, as above with "refused: " or "refused: not yet: ".
[[nodiscard]] std::string lines_of_refused(const ComposeFile& file);

}  // namespace shoal::cli
