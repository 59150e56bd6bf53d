// The kernel's words for how a program runs and what it may do: capabilities, signals, limits,
// switches. Compose files, jobs and what a runtime is told all use these.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shoal {

// "NET_ADMIN" for "net_admin", "NET_ADMIN" and "CAP_NET_ADMIN"; "ALL" for itself; nothing for what
// the kernel does not know.
[[nodiscard]] std::optional<std::string> capability_name(std::string_view text);

// All the kernel has, and those a container has when nothing is said; both in order.
[[nodiscard]] std::span<const std::string_view> all_capabilities();
[[nodiscard]] std::span<const std::string_view> default_capabilities();

// Its bit in the kernel's sets.
[[nodiscard]] std::optional<unsigned> capability_number(std::string_view name);

// Whoever has it can do nothing to other containers or to the node that it could not do without.
[[nodiscard]] bool stays_inside(std::string_view capability);

// "SIGTERM", "TERM", "15" or "RTMIN+1"; 0 for what is none.
[[nodiscard]] int signal_number(std::string_view text);

// "nofile" and its like, in order.
[[nodiscard]] std::span<const std::string_view> ulimit_names();

// A limit that, raised, takes processor time from others before their turn.
[[nodiscard]] bool jumps_queues(std::string_view ulimit);

// A switch that each container has for itself. All others are the node's, and everybody's.
[[nodiscard]] bool is_own_sysctl(std::string_view name);

// A name or number as /etc/passwd and /etc/group have them; "USER" or "USER:GROUP" of such.
[[nodiscard]] bool is_group_name(std::string_view text);
[[nodiscard]] bool is_user(std::string_view text);

// Letters, digits, '-' and '.', up to 64 in all, each part 1 to 63 and beginning with no '-'.
[[nodiscard]] bool is_host_name(std::string_view text);

// "/a/b": from the root, without "." and ".." and control characters, up to 4096 bytes.
[[nodiscard]] bool is_absolute_path(std::string_view text);

// Printable and without spaces; not empty.
[[nodiscard]] bool is_word(std::string_view text);

// "10.0.0.1" or "fe80::1".
[[nodiscard]] bool is_ip_address(std::string_view text);

// A folder in memory: "/scratch" or "/scratch:size=64m,mode=1777".
struct MemoryFolder {
    std::string path{};
    std::vector<std::string> options{};
};

// Nothing for a path that is none or belongs to the runtime, and for an option that is not among
// rw, ro, exec, noexec, nosuid, nodev, noatime, size=, nr_inodes=, mode=, uid= and gid=.
[[nodiscard]] std::optional<MemoryFolder> parse_memory_folder(std::string_view text);

}  // namespace shoal
