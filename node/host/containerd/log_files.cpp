#include "node/host/containerd/log_files.h"

#include "node/host/logs/layout.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace shoal::host::ctrd {
namespace {

Error failed(const std::string& path, int error) {
    return {error == ENOSPC ? Errc::Full : Errc::Io,
            "log file " + path + ": " + std::strerror(error)};
}

// As part of a URI.
std::string escaped(const std::string& path) {
    std::string out;
    for (const char one : path) {
        const auto byte = static_cast<unsigned char>(one);
        if (std::isalnum(byte) != 0 || std::string_view{"/-._"}.find(one) != std::string::npos) {
            out += one;
        } else {
            constexpr const char* kDigits = "0123456789ABCDEF";
            out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
        }
    }
    return out;
}

}  // namespace

LogFiles log_files(const std::string& root, const placement::ContainerId& id) {
    const auto folder = logs::folder_of(root, id);
    return {folder + logs::kStreams[0], folder + logs::kStreams[1]};
}

LogFiles output_of(const LogFiles& files, const std::string& writer) {
    if (writer.empty()) return files;
    const auto uri =
        "binary://" + escaped(writer) + "?out=" + escaped(files.out) + "&err=" + escaped(files.err);
    return {uri, uri};
}

Result<void> make_log_files(const LogFiles& files) {
    for (const auto& path : {files.out, files.err}) {
        std::error_code error;
        std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
        if (error) return fail(failed(path, error.value()));
        const int file =
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0) return fail(failed(path, errno));
        ::close(file);
    }
    return {};
}

}  // namespace shoal::host::ctrd
