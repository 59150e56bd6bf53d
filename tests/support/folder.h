// A folder of a test's own, gone with the test, and its files damaged on purpose.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace shoal::tests {

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "shoal-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    // The first file whose name begins or ends so.
    [[nodiscard]] std::filesystem::path find(const std::string& part) const {
        for (const auto& entry : std::filesystem::directory_iterator{path_}) {
            const auto name = entry.path().filename().string();
            if (name.starts_with(part) || name.ends_with(part)) return entry.path();
        }
        ADD_FAILURE() << "no file " << part << " in " << path_;
        return {};
    }

private:
    std::filesystem::path path_;
};

inline void flip_byte(const std::filesystem::path& file, std::uintmax_t at) {
    std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekg(static_cast<std::streamoff>(at));
    const char was = static_cast<char>(stream.get());
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(was ^ 0x40));
}

}  // namespace shoal::tests
