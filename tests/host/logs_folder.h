// A folder of log files that a test writes as a shim does.
#pragma once

#include "node/host/logs/layout.h"
#include "node/host/logs/log_stream.h"
#include "placement/types.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace shoal::host::logs {

class LogFolder {
public:
    LogFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "shoal-logs-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        root_ = name;
    }

    LogFolder(const LogFolder&) = delete;
    LogFolder& operator=(const LogFolder&) = delete;

    ~LogFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    [[nodiscard]] const std::string& root() const { return root_; }

    [[nodiscard]] std::string path(const placement::ContainerId& id,
                                   const char* stream = "stdout") const {
        return folder_of(root_, id) + stream;
    }

    // `at_ms`: when, as its file says; otherwise now.
    void write(const placement::ContainerId& id, std::string_view text,
               std::optional<std::int64_t> at_ms = {}, const char* stream = "stdout") const {
        std::filesystem::create_directories(folder_of(root_, id));
        std::ofstream{path(id, stream), std::ios::app} << text;
        if (!at_ms) return;
        const timespec time{*at_ms / 1000, *at_ms % 1000 * 1'000'000};
        const std::array<timespec, 2> times{time, time};
        ::utimensat(AT_FDCWD, path(id, stream).c_str(), times.data(), 0);
    }

    // Writes, and has it noted as the keeper does every second.
    void says(const placement::ContainerId& id, std::string_view text, std::int64_t at_ms,
              const char* stream = "stdout") const {
        write(id, text, at_ms, stream);
        LogStream{path(id, stream)}.note();
    }

    [[nodiscard]] std::vector<std::string> files_of(const placement::ContainerId& id) const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator{folder_of(root_, id)}) {
            out.push_back(entry.path().filename().string());
        }
        std::sort(out.begin(), out.end());
        return out;
    }

private:
    std::string root_;
};

inline std::string all_of(const LogStream& stream) {
    std::string out;
    for (auto at = stream.begin();;) {
        const auto more = stream.read(at, 1000);
        if (more.empty()) return out;
        out += more;
        at += more.size();
    }
}

inline placement::ContainerId container(std::uint32_t slot, placement::Epoch epoch = 1,
                                        std::string job = "web") {
    return {{std::move(job), slot}, epoch};
}

}  // namespace shoal::host::logs
