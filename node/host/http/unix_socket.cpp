#include "node/host/http/unix_socket.h"

#include "node/host/identity/files.h"

#include <cerrno>
#include <grp.h>
#include <optional>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shoal::host::http {
namespace {

using Protocol = asio::local::stream_protocol;

constexpr int kBacklog = 128;
constexpr mode_t kSocketMode = 0660;
constexpr mode_t kFolderMode = 0755;

Result<void> make_folder_of(const std::string& path) {
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return {};
    const auto folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), kFolderMode) != 0) {
        if (errno == EEXIST) return {};
        return fail(io_error("creating", folder));
    }
    // Whatever the umask made of it.
    if (::chmod(folder.c_str(), kFolderMode) != 0) return fail(io_error("chmod", folder));
    return {};
}

// A connection is the only question whose answer a dead process cannot give.
Result<void> check_nobody_listens(asio::io_context& loop, const std::string& path) {
    Protocol::socket caller{loop};
    asio::error_code error;
    caller.open(Protocol{}, error);
    // A listener whose queue is full would block us; like this it is an error of its own.
    if (!error) caller.non_blocking(true, error);
    if (!error) caller.connect(Protocol::endpoint{path}, error);
    if (error == asio::error::connection_refused) return {};
    // Gone since we looked.
    if (error == asio::error_code{ENOENT, asio::system_category()}) return {};
    // asio's name for the EAGAIN of a full queue.
    if (!error || error == asio::error::no_buffer_space) {
        return fail(Errc::Conflict, "another process listens on " + path +
                                        "; stop it, or choose another path with --socket");
    }
    return fail(Errc::Io, path + " exists, and whether anybody listens on it cannot be told: " +
                              error.message());
}

Result<void> remove_stale(asio::io_context& loop, const std::string& path) {
    struct stat facts {};

    if (::lstat(path.c_str(), &facts) != 0) {
        if (errno == ENOENT) return {};
        return fail(io_error("looking at", path));
    }
    if (!S_ISSOCK(facts.st_mode)) {
        return fail(Errc::Conflict,
                    path +
                        " exists and is no socket; remove it, or choose another path with "
                        "--socket");
    }
    if (auto nobody = check_nobody_listens(loop, path); !nobody) return nobody;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(io_error("removing", path));
    return {};
}

std::optional<gid_t> find_group(const std::string& name) {
    struct group entry {};

    struct group* found = nullptr;
    std::vector<char> buffer(1U << 16U);  // a group's members are named in it, too
    const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (error != 0 || found == nullptr) return std::nullopt;
    return entry.gr_gid;
}

Result<void> set_permissions(const std::string& path, const std::string& group) {
    if (const auto gid = find_group(group)) {
        // An agent run by an ordinary user may not give its socket away; it stays that user's.
        if (::lchown(path.c_str(), static_cast<uid_t>(-1), *gid) != 0 && errno != EPERM) {
            return fail(io_error("chown", path));
        }
    }
    if (::chmod(path.c_str(), kSocketMode) != 0) return fail(io_error("chmod", path));
    return {};
}

}  // namespace

UnixListener::UnixListener(Protocol::acceptor listening, std::string path)
    : acceptor(std::move(listening)), path_(std::move(path)) {
    struct stat facts {};

    if (::lstat(path_.c_str(), &facts) != 0) return;
    device_ = facts.st_dev;
    inode_ = facts.st_ino;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : acceptor(std::move(other.acceptor)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

UnixListener::~UnixListener() {
    struct stat facts {};

    if (path_.empty() || ::lstat(path_.c_str(), &facts) != 0) return;
    if (facts.st_dev == device_ && facts.st_ino == inode_) (void)::unlink(path_.c_str());
}

Result<UnixListener> listen_unix_socket(asio::io_context& loop, const std::string& path,
                                        const std::string& group) {
    constexpr auto kPathMax = sizeof(sockaddr_un::sun_path) - 1;
    if (path.empty() || path.size() > kPathMax) {
        return fail(Errc::TooLarge, "the path of a UNIX socket has 1 to " +
                                        std::to_string(kPathMax) +
                                        " bytes, and this is not one: " + path);
    }
    if (auto made = make_folder_of(path); !made) return fail(made.error());
    if (auto removed = remove_stale(loop, path); !removed) return fail(removed.error());
    Protocol::acceptor acceptor{loop};
    asio::error_code error;
    acceptor.open(Protocol{}, error);
    if (!error) acceptor.bind(Protocol::endpoint{path}, error);
    if (error) return fail(Errc::Io, "binding " + path + ": " + error.message());
    UnixListener out{std::move(acceptor), path};
    // Before listen(): until then nobody can connect, whatever the umask has left open.
    if (auto set = set_permissions(path, group); !set) return fail(set.error());
    out.acceptor.listen(kBacklog, error);
    if (error) return fail(Errc::Io, "listening on " + path + ": " + error.message());
    return out;
}

Result<UnixPeer> peer_of(Protocol::socket& socket) {
    struct ucred facts {};

    socklen_t size = sizeof(facts);
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &facts, &size) != 0) {
        return fail(io_error("asking for the credentials of", "a caller"));
    }
    return UnixPeer{facts.uid, facts.pid};
}

}  // namespace shoal::host::http
