#include "node/host/network/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace shoal::network {
namespace {

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const auto put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(system_error("writing " + path, errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

struct CloseFolder {
    void operator()(DIR* folder) const { (void)::closedir(folder); }
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) (void)::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) (void)::close(fd_);
}

Error system_error(const std::string& doing, int number) {
    Errc code = Errc::Io;
    switch (number) {
        case ENOENT:
        case ENODEV:
        case ESRCH:
            code = Errc::NotFound;
            break;
        case EEXIST:
        case EADDRINUSE:
            code = Errc::Conflict;
            break;
        case EACCES:
        case EPERM:
            code = Errc::Denied;
            break;
        case ENOSPC:
        case EDQUOT:
            code = Errc::Full;
            break;
        default:
            break;
    }
    return {code, doing + ": " + std::generic_category().message(number)};
}

Result<std::string> read_file(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.open()) return fail(system_error("reading " + path, errno));
    std::string out;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(system_error("reading " + path, errno));
        if (got == 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(got));
    }
}

Result<void> overwrite(const std::string& path, std::string_view content) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file.open()) return fail(system_error("writing " + path, errno));
    return write_all(file.get(), content, path);
}

Result<void> replace_file(const std::string& path, std::string_view content) {
    const std::string fresh = path + ".new";
    {
        const Descriptor file{
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!file.open()) return fail(system_error("writing " + fresh, errno));
        if (auto written = write_all(file.get(), content, fresh); !written) return written;
        if (::fsync(file.get()) != 0) return fail(system_error("syncing " + fresh, errno));
    }
    if (std::rename(fresh.c_str(), path.c_str()) != 0) {
        return fail(system_error("renaming " + fresh, errno));
    }
    return {};
}

Result<void> remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
        return fail(system_error("removing " + path, errno));
    }
    return {};
}

Result<void> make_directory(const std::string& path) {
    if (const auto slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
        struct stat facts {};

        const std::string parent = path.substr(0, slash);
        if (::stat(parent.c_str(), &facts) != 0) {
            if (auto made = make_directory(parent); !made) return made;
        }
    }
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail(system_error("making " + path, errno));
    }
    return {};
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
    const std::unique_ptr<DIR, CloseFolder> folder{::opendir(path.c_str())};
    std::vector<std::string> out;
    if (!folder && errno == ENOENT) return out;
    if (!folder) return fail(system_error("listing " + path, errno));
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace shoal::network
