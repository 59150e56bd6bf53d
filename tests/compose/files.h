// Compose files for tests: loaded from text, with files that are not on any disk.
#pragma once

#include "node/compose/project.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace shoal::compose {

using Files = std::map<std::string, std::string>;

inline Source source_of(std::string text, Files files = {}) {
    return {.text = std::move(text),
            .folder = "Shop",
            .read = [files = std::move(files)](const std::string& path) -> Result<std::string> {
                const auto found = files.find(path);
                if (found == files.end()) return fail(Errc::NotFound, "not there");
                return found->second;
            }};
}

inline std::string lines_of(const std::vector<Problem>& problems) {
    std::string out;
    for (const auto& problem : problems) {
        out += to_string("f", problem) + "\n";
    }
    return out;
}

// What is wrong with it, one a line: "f:2:3: ...".
inline std::string complaints(const Source& source) {
    const auto project = load(source);
    return project ? "none" : lines_of(project.error());
}

inline std::string complaints(const std::string& text, Files files = {}) {
    return complaints(source_of(text, std::move(files)));
}

inline Project loaded(const Source& source) {
    auto project = load(source);
    EXPECT_TRUE(project) << (project ? "" : lines_of(project.error()));
    return project ? std::move(*project) : Project{};
}

inline Project loaded(const std::string& text, Files files = {}) {
    return loaded(source_of(text, std::move(files)));
}

// The one service of a file of these lines, each indented as a key of a service.
inline Service service(const std::string& keys, Files files = {}) {
    auto project = loaded("services:\n  web:\n    image: web\n" + keys, std::move(files));
    return project.services.empty() ? Service{} : project.services.front();
}

inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    EXPECT_TRUE(in) << path;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

struct Fixture {
    std::string name{};  // of its folder, and so of its project
    std::string text{};
};

inline std::filesystem::path fixtures_folder() {
    return std::filesystem::path{SHOAL_SOURCE_DIR} / "tests/fixtures/compose";
}

inline std::vector<Fixture> fixtures() {
    std::map<std::string, std::string> out;
    for (const auto& folder :
         std::filesystem::directory_iterator{fixtures_folder() / "awesome-compose"}) {
        if (!folder.is_directory()) continue;
        for (const auto& file : std::filesystem::directory_iterator{folder}) {
            out[folder.path().filename().string()] = read_whole(file.path());
        }
    }
    std::vector<Fixture> list;
    for (auto& [name, text] : out) {
        list.push_back({name, std::move(text)});
    }
    return list;
}

inline Source source_of(const Fixture& fixture) {
    auto source = source_of(fixture.text);
    source.folder = fixture.name;
    source.environment["PLEX_MEDIA_PATH"] = "/srv/media";
    // The files beside it are there; `.env` need not be.
    source.read = [](const std::string& path) -> Result<std::string> {
        if (path == ".env") return fail(Errc::NotFound, "not there");
        return "CONTENT=of a file\n";
    };
    return source;
}

}  // namespace shoal::compose
