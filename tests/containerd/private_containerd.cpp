#include "tests/containerd/private_containerd.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace shoal::tests {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    // Inserting a buffer stops at an error; an iterator over it throws, as for a process that ends
    // while its file in /proc is read.
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
}

// For what only another process can make true, and what tells nobody when it does.
void until(const char* what, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            throw std::runtime_error{std::string{"never: "} + what};
        ::poll(nullptr, 0, 10);
    }
}

bool takes_connections(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool good =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return good;
}

std::vector<pid_t> processes() {
    std::vector<pid_t> out;
    for (const auto& entry : fs::directory_iterator{"/proc"}) {
        const auto name = entry.path().filename().string();
        if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            out.push_back(static_cast<pid_t>(std::stol(name)));
        }
    }
    return out;
}

}  // namespace

std::string process_status(pid_t pid, const std::string& field) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(field + ":"))
            return line.substr(line.find_first_not_of(" \t", field.size() + 1));
    }
    return "";
}

PrivateContainerd::PrivateContainerd() {
    const char* run = std::getenv("SHOAL_RUN");
    const char* place = std::getenv("TMPDIR");
    if (run == nullptr || place == nullptr) {
        throw std::runtime_error{"run this in a world of its own: scripts/lab/world.py COMMAND..."};
    }
    std::string folder = std::string{place} + "/c-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error{"mkdtemp " + folder};
    folder_ = folder;
    id_ = std::string{"shoal-"} + run + "-" + folder.substr(folder.size() - 6);
    // Features of no use here that take their time or complain.
    std::ofstream{folder_ + "/config.toml"}
        << "version = 2\nroot = \"" << folder_ << "/root\"\nstate = \"" << folder_ << "/state\"\n"
        << "disabled_plugins = [\"io.containerd.grpc.v1.cri\", \"io.containerd.internal.v1.opt\", "
           "\"io.containerd.internal.v1.restart\", \"io.containerd.snapshotter.v1.aufs\", "
           "\"io.containerd.snapshotter.v1.btrfs\", \"io.containerd.snapshotter.v1.zfs\", "
           "\"io.containerd.snapshotter.v1.devmapper\"]\n"
        << "[grpc]\n  address = \"" << socket() << "\"\n";
}

void PrivateContainerd::start() {
    const auto config = folder_ + "/config.toml";
    const auto log = folder_ + "/log";
    pid_ = ::fork();
    if (pid_ == 0) {
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::setsid();
        ::execlp("containerd", "containerd", "--config", config.c_str(), nullptr);
        ::_exit(127);
    }
    until("containerd takes connections", [&] {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != 0) {
            pid_ = -1;
            throw std::runtime_error{"containerd ended:\n" + read_file(log)};
        }
        return takes_connections(socket());
    });
}

void PrivateContainerd::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

// Shims name the socket they report to; what they started is in our cgroups.
void PrivateContainerd::kill_the_rest() const {
    for (const pid_t pid : processes()) {
        const auto path = "/proc/" + std::to_string(pid);
        const auto command = read_file(path + "/cmdline");
        const bool shim = command.find("containerd-shim") != std::string::npos &&
                          command.find(folder_ + "/") != std::string::npos;
        if (shim || read_file(path + "/cgroup").find(cgroup_parent() + "/") != std::string::npos) {
            ::kill(pid, SIGKILL);
        }
    }
}

void PrivateContainerd::remove_cgroups() const {
    std::vector<fs::path> all;
    std::error_code ignored;
    std::vector<fs::path> roots{"/sys/fs/cgroup"};
    for (const auto& entry : fs::directory_iterator{"/sys/fs/cgroup", ignored}) {
        if (entry.is_directory(ignored)) roots.push_back(entry.path());
    }
    for (const auto& root : roots) {
        const auto ours = root / id_;
        if (!fs::is_directory(ours, ignored)) continue;
        all.push_back(ours);
        for (const auto& entry : fs::recursive_directory_iterator{ours, ignored}) {
            if (entry.is_directory(ignored)) all.push_back(entry.path());
        }
    }
    std::sort(all.rbegin(), all.rend());
    for (const auto& path : all) {
        until("the cgroup can be removed", [&] {
            if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return true;
            kill_the_rest();
            return false;
        });
    }
}

PrivateContainerd::~PrivateContainerd() {
    kill();
    kill_the_rest();
    try {
        remove_cgroups();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    std::vector<std::string> mounts;
    std::ifstream table{"/proc/self/mounts"};
    for (std::string line; std::getline(table, line);) {
        const auto at = line.substr(line.find(' ') + 1);
        const auto target = at.substr(0, at.find(' '));
        if (target.starts_with(folder_ + "/")) mounts.push_back(target);
    }
    std::reverse(mounts.begin(), mounts.end());
    for (const auto& mount : mounts) {
        ::umount2(mount.c_str(), MNT_DETACH);
    }
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

}  // namespace shoal::tests
