// What `shoal doctor` looks at on this machine, as plain facts: gathered in one place, judged in
// another (cli/checks.h), so that a test can judge any machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::cli {

struct FolderFacts {
    int error = 0;  // errno of looking at it; 0: it is there
    bool is_folder = false;
    std::uint32_t mode = 0;  // the permission bits
    std::string owner{};
    bool read_only = false;        // the filesystem under it
    std::uint64_t bytes_free = 0;  // for its nearest parent that is there
    std::uint64_t bytes = 0;
};

struct SocketFacts {
    int error = 0;  // errno of connecting; 0: somebody listens
    std::string group{};
};

struct ClockFacts {
    bool known = false;  // did the kernel tell?
    bool synchronised = false;
    std::int64_t error_us = 0;  // how far off it may be, by its own estimate
    bool monotonic = true;      // never seen to run backwards
    std::int64_t year = 0;
};

struct MachineFacts {
    std::string user{};
    bool is_root = false;
    SocketFacts agent{};
    FolderFacts data{};
    ClockFacts clock{};
    bool port_free = false;  // for UDP and for TCP
    SocketFacts containerd{};
    std::string containerd_version{};  // "1.6.20"; empty: no such program, or it says nothing
    std::string mounts{};              // /proc/mounts
    std::string controllers{};         // of cgroup v2, divided by blanks
    std::string filesystems{};         // /proc/filesystems
    std::string nft{};                 // where that program is; empty: nowhere
    std::optional<bool> ip_forward{};
};

struct MachineQuestion {
    std::string agent_socket{};  // empty: it is not on this machine
    std::string data_dir{};
    std::string containerd_socket{};
    std::uint16_t port = 0;
};

[[nodiscard]] MachineFacts examine(const MachineQuestion& question);

}  // namespace shoal::cli
