#include "cli/machine.h"

#include "cli/text.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <memory>
#include <netinet/in.h>
#include <pwd.h>
#include <sstream>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <unistd.h>

namespace shoal::cli {
namespace {

// Where administrators' programs are, whatever the PATH of who asks.
constexpr std::array kProgramFolders = {"/usr/sbin", "/usr/bin",        "/sbin",
                                        "/bin",      "/usr/local/sbin", "/usr/local/bin"};

std::string contents(const std::string& path) {
    std::ifstream in{path};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string program_at(const std::string& name) {
    for (const auto* folder : kProgramFolders) {
        const auto path = std::string{folder} + "/" + name;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

std::string user_name(uid_t id) {
    const auto* found = ::getpwuid(id);
    return found == nullptr ? std::to_string(id) : found->pw_name;
}

std::string group_name(gid_t id) {
    const auto* found = ::getgrgid(id);
    return found == nullptr ? std::to_string(id) : found->gr_name;
}

SocketFacts socket_at(const std::string& path) {
    SocketFacts out;

    struct stat found {};

    if (::stat(path.c_str(), &found) == 0) out.group = group_name(found.st_gid);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        out.error = ENAMETOOLONG;
        return out;
    }
    path.copy(address.sun_path, path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    if (descriptor < 0 || ::connect(descriptor, to, sizeof address) != 0) out.error = errno;
    if (descriptor >= 0) ::close(descriptor);
    return out;
}

FolderFacts folder_at(const std::string& path) {
    FolderFacts out;

    struct stat found {};

    if (::stat(path.c_str(), &found) != 0) {
        out.error = errno;
    } else {
        out.is_folder = S_ISDIR(found.st_mode);
        out.mode = found.st_mode & 07777U;
        out.owner = user_name(found.st_uid);
    }

    struct statvfs space {};

    for (auto at = std::filesystem::path{path}; !at.empty(); at = at.parent_path()) {
        if (::statvfs(at.c_str(), &space) == 0) {
            out.bytes_free = std::uint64_t{space.f_bavail} * space.f_frsize;
            out.bytes = std::uint64_t{space.f_blocks} * space.f_frsize;
            out.read_only = (space.f_flag & ST_RDONLY) != 0;
            break;
        }
        if (at == at.root_path()) break;
    }
    return out;
}

std::int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

ClockFacts clock_facts() {
    ClockFacts out;
    timex kernel{};
    const int state = ::adjtimex(&kernel);
    out.known = state >= 0;
    out.synchronised = out.known && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
    out.error_us = kernel.maxerror;
    auto before = monotonic_ns();
    for (int i = 0; i < 1000; ++i) {
        const auto now = monotonic_ns();
        if (now < before) out.monotonic = false;
        before = now;
    }
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    out.year = static_cast<int>(std::chrono::year_month_day{today}.year());
    return out;
}

bool can_bind(int type, std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    const int on = 1;  // What lingers of an agent that has ended is no obstacle to the next.
    if (type == SOCK_STREAM) {
        (void)::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    const bool done = ::bind(descriptor, to, sizeof address) == 0;
    ::close(descriptor);
    return done;
}

// "containerd github.com/containerd/containerd 1.6.20~ds1 ..." -> "1.6.20~ds1"
std::string containerd_version() {
    const auto program = program_at("containerd");
    if (program.empty()) return {};

    struct Close {
        void operator()(std::FILE* file) const { (void)::pclose(file); }
    };

    const std::unique_ptr<std::FILE, Close> pipe{
        ::popen((program + " --version 2>/dev/null").c_str(), "re")};
    if (!pipe) return {};
    std::array<char, 256> line{};
    if (std::fgets(line.data(), static_cast<int>(line.size()), pipe.get()) == nullptr) return {};
    const auto words = split(line.data(), ' ');
    if (words.size() < 3) return {};
    auto version = trimmed(words[2]);
    if (version.starts_with('v')) version.erase(0, 1);
    return version;
}

}  // namespace

MachineFacts examine(const MachineQuestion& question) {
    MachineFacts out;
    out.user = user_name(::geteuid());
    out.is_root = ::geteuid() == 0;
    if (!question.agent_socket.empty()) out.agent = socket_at(question.agent_socket);
    out.data = folder_at(question.data_dir);
    out.clock = clock_facts();
    out.port_free = can_bind(SOCK_DGRAM, question.port) && can_bind(SOCK_STREAM, question.port);
    out.containerd = socket_at(question.containerd_socket);
    out.containerd_version = containerd_version();
    out.mounts = contents("/proc/mounts");
    out.controllers = trimmed(contents("/sys/fs/cgroup/cgroup.controllers"));
    out.filesystems = contents("/proc/filesystems");
    out.nft = program_at("nft");
    if (const auto text = trimmed(contents("/proc/sys/net/ipv4/ip_forward")); !text.empty()) {
        out.ip_forward = text != "0";
    }
    return out;
}

}  // namespace shoal::cli
