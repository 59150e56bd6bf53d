#include "node/host/logs/layout.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace shoal::host::logs {
namespace {

namespace fs = std::filesystem;
using placement::ContainerId;

// A name has at most 128 characters, so at most 64 parts.
constexpr int kDepthMax = 66;
constexpr std::int64_t kHourMs = 3'600'000;

// Names of jobs hold no dot (placement::is_job_name); what came from elsewhere is kept inside the
// root all the same.
std::string path_of(const std::string& root, std::string job) {
    std::replace(job.begin(), job.end(), '.', '_');
    return root + "/" + job;
}

std::int64_t modified(const std::string& path) {
    struct stat facts {};

    if (::lstat(path.c_str(), &facts) != 0) return 0;
    return facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
}

bool has_files(const std::string& folder) {
    return std::any_of(kStreams.begin(), kStreams.end(), [&](const char* stream) {
        struct stat facts {};
        return ::lstat((folder + stream).c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
    });
}

// Names of the folders in one, in order; nothing if it cannot be read.
std::vector<std::string> folders_in(const std::string& path) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at{path, error}, end; !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->symlink_status(ignored).type() == fs::file_type::directory) {
            out.push_back(at->path().filename().string());
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

void walk(const std::string& root, const std::string& job, int depth,
          std::vector<ContainerId>& out) {
    if (depth > kDepthMax) return;
    for (const auto& name : folders_in(path_of(root, job))) {
        const auto id = job.empty() ? std::nullopt : parse_folder(job, name);
        if (id && has_files(folder_of(root, *id))) out.push_back(*id);
        walk(root, job.empty() ? name : job + "/" + name, depth + 1, out);
    }
}

bool is_ours(const std::string& name) {
    return std::any_of(kStreams.begin(), kStreams.end(), [&](const std::string stream) {
        return name == stream || name.starts_with(stream + ".");
    });
}

}  // namespace

std::string folder_of(const std::string& root, const ContainerId& id) {
    return path_of(root, id.slot.job) + "/" + std::to_string(id.slot.index) + "-" +
           std::to_string(id.epoch) + "/";
}

std::optional<ContainerId> parse_folder(const std::string& job, std::string_view name) {
    const auto dash = name.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto slot = api::parse_number<std::uint32_t>(name.substr(0, dash));
    const auto epoch = api::parse_number<placement::Epoch>(name.substr(dash + 1));
    if (!slot || !epoch) return std::nullopt;
    const ContainerId id{{job, *slot}, *epoch};
    const bool spelt_so = std::to_string(*slot) + "-" + std::to_string(*epoch) == name;
    return spelt_so ? std::optional{id} : std::nullopt;  // "02-1" would be another folder
}

std::vector<ContainerId> containers_of(const std::string& root, const std::string& job) {
    std::vector<ContainerId> out;
    for (const auto& name : folders_in(path_of(root, job))) {
        const auto id = parse_folder(job, name);
        if (id && has_files(folder_of(root, *id))) out.push_back(*id);
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<ContainerId> all_containers(const std::string& root) {
    std::vector<ContainerId> out;
    walk(root, "", 0, out);
    std::sort(out.begin(), out.end());
    return out;
}

std::int64_t last_written(const std::string& root, const ContainerId& id) {
    const auto folder = folder_of(root, id);
    std::int64_t out = 0;
    for (const auto* stream : kStreams) {
        out = std::max(out, modified(folder + stream));
    }
    return out;
}

void remove_container(const std::string& root, const ContainerId& id, std::int64_t now_ms) {
    const auto folder = folder_of(root, id);
    std::error_code error;
    std::vector<fs::path> doomed;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (is_ours(at->path().filename().string())) doomed.push_back(at->path());
    }
    for (const auto& path : doomed) {
        fs::remove(path, error);  // never a folder that has something in it
    }
    if (::rmdir(folder.c_str()) != 0) return;
    // A container that starts right now makes its folder in this one: only old ones go.
    for (auto job = id.slot.job; !job.empty();) {
        const auto path = path_of(root, job);
        if (now_ms - modified(path) < kHourMs || ::rmdir(path.c_str()) != 0) return;
        const auto slash = job.rfind('/');
        job = slash == std::string::npos ? "" : job.substr(0, slash);
    }
}

}  // namespace shoal::host::logs
