#include "node/host/identity/files.h"

#include "node/host/identity/secret.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace shoal::host {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor() {
        if (fd_ > STDIN_FILENO) (void)::close(fd_);
    }

    [[nodiscard]] int get() const { return fd_; }

    [[nodiscard]] bool open() const { return fd_ >= 0; }

private:
    int fd_;
};

Result<SmallFile> read_all(int fd, const std::string& path, std::size_t limit) {
    struct stat facts {};

    if (::fstat(fd, &facts) != 0) return fail(io_error("reading", path));
    if (S_ISDIR(facts.st_mode)) return fail(Errc::Io, path + " is a directory");
    SmallFile out{{}, facts.st_mode & 07777U};
    std::string buffer(limit + 1, '\0');  // In one piece, so that it can be wiped.
    std::size_t used = 0;
    while (used < buffer.size()) {
        const auto got = ::read(fd, buffer.data() + used, buffer.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(io_error("reading", path));
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    if (used <= limit) out.text.assign(buffer, 0, used);
    wipe(buffer);
    if (used > limit) {
        return fail(Errc::TooLarge,
                    path + " is larger than " + std::to_string(limit) + " bytes; a wrong file?");
    }
    return out;
}

Result<void> write_all(int fd, const std::string& path, ByteView content) {
    while (!content.empty()) {
        const auto put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(io_error("writing", path));
        content = content.subspan(static_cast<std::size_t>(put));
    }
    if (::fsync(fd) != 0) return fail(io_error("syncing", path));
    return {};
}

}  // namespace

Error io_error(const std::string& doing, const std::string& path) {
    const int number = errno;
    const auto code = number == ENOENT                       ? Errc::NotFound
                      : number == EACCES || number == EPERM  ? Errc::Denied
                      : number == ENOSPC || number == EDQUOT ? Errc::Full
                                                             : Errc::Io;
    return {code, doing + " " + path + ": " + std::generic_category().message(number)};
}

std::string mode_text(mode_t mode) {
    std::string out;
    for (unsigned shift = 12; shift > 0; shift -= 3) {
        out.push_back(static_cast<char>('0' + ((mode >> (shift - 3U)) & 7U)));
    }
    return out;
}

bool exists(const std::string& path) {
    struct stat facts {};

    return ::lstat(path.c_str(), &facts) == 0;
}

Result<void> check_private(const std::string& path, const FileFacts& facts, uid_t self) {
    const std::string kind = facts.directory ? "data directory " : "";
    if (facts.owner != self) {
        return fail(Errc::Denied, kind + path + " belongs to user " + std::to_string(facts.owner) +
                                      ", but this process runs as user " + std::to_string(self) +
                                      ": run as that user, or: chown " + std::to_string(self) +
                                      " " + path);
    }
    if ((facts.mode & 0077U) != 0) {
        return fail(Errc::Denied, kind + path + " has mode " + mode_text(facts.mode) +
                                      ", so others can reach the keys: chmod " +
                                      (facts.directory ? "700 " : "600 ") + path);
    }
    return {};
}

Result<SmallFile> read_small_file(const std::string& path, std::size_t limit) {
    if (path == "-") return read_all(STDIN_FILENO, "standard input", limit);
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.open()) return fail(io_error("reading", path));
    return read_all(file.get(), path, limit);
}

Result<std::string> read_private_file(const std::string& path, std::size_t limit) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file.open()) return fail(io_error("reading", path));

    struct stat facts {};

    if (::fstat(file.get(), &facts) != 0) return fail(io_error("reading", path));
    const FileFacts found{facts.st_mode & 07777U, facts.st_uid, false};
    if (const auto fine = check_private(path, found, ::geteuid()); !fine) {
        return fail(fine.error());
    }
    auto out = read_all(file.get(), path, limit);
    if (!out) return fail(out.error());
    return std::move(out->text);
}

Result<void> write_private_file(const std::string& path, ByteView content) {
    const std::string temporary = path + ".tmp";
    if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) {
        return fail(io_error("removing", temporary));
    }
    {
        const Descriptor file{
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!file.open()) return fail(io_error("creating", temporary));
        if (auto written = write_all(file.get(), temporary, content); !written) {
            (void)::unlink(temporary.c_str());
            return written;
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return fail(io_error("replacing", path));
    const auto slash = path.find_last_of('/');
    return sync_directory(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

Result<void> sync_directory(const std::string& path) {
    const Descriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory.open()) return fail(io_error("opening", path));
    if (::fsync(directory.get()) != 0) return fail(io_error("syncing", path));
    return {};
}

}  // namespace shoal::host
