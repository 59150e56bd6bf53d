#include "node/base/process_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace shoal {
namespace {

// By their numbers.
constexpr auto kNumbered = std::to_array<std::string_view>({"CHOWN",
                                                            "DAC_OVERRIDE",
                                                            "DAC_READ_SEARCH",
                                                            "FOWNER",
                                                            "FSETID",
                                                            "KILL",
                                                            "SETGID",
                                                            "SETUID",
                                                            "SETPCAP",
                                                            "LINUX_IMMUTABLE",
                                                            "NET_BIND_SERVICE",
                                                            "NET_BROADCAST",
                                                            "NET_ADMIN",
                                                            "NET_RAW",
                                                            "IPC_LOCK",
                                                            "IPC_OWNER",
                                                            "SYS_MODULE",
                                                            "SYS_RAWIO",
                                                            "SYS_CHROOT",
                                                            "SYS_PTRACE",
                                                            "SYS_PACCT",
                                                            "SYS_ADMIN",
                                                            "SYS_BOOT",
                                                            "SYS_NICE",
                                                            "SYS_RESOURCE",
                                                            "SYS_TIME",
                                                            "SYS_TTY_CONFIG",
                                                            "MKNOD",
                                                            "LEASE",
                                                            "AUDIT_WRITE",
                                                            "AUDIT_CONTROL",
                                                            "SETFCAP",
                                                            "MAC_OVERRIDE",
                                                            "MAC_ADMIN",
                                                            "SYSLOG",
                                                            "WAKE_ALARM",
                                                            "BLOCK_SUSPEND",
                                                            "AUDIT_READ",
                                                            "PERFMON",
                                                            "BPF",
                                                            "CHECKPOINT_RESTORE"});

constexpr auto kAll = [] {
    auto out = kNumbered;
    std::sort(out.begin(), out.end());
    return out;
}();

constexpr auto kDefault = std::to_array<std::string_view>(
    {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
     "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"});

// Memory that is locked still counts towards the container's limit; queues, leases and broadcasts
// are those of its own namespaces and files.
constexpr auto kHarmless =
    std::to_array<std::string_view>({"IPC_LOCK", "IPC_OWNER", "LEASE", "NET_BROADCAST"});

constexpr auto kSignals = std::to_array<std::pair<std::string_view, int>>(
    {{"HUP", 1},   {"INT", 2},   {"QUIT", 3},   {"ILL", 4},     {"TRAP", 5},  {"ABRT", 6},
     {"BUS", 7},   {"FPE", 8},   {"KILL", 9},   {"USR1", 10},   {"SEGV", 11}, {"USR2", 12},
     {"PIPE", 13}, {"ALRM", 14}, {"TERM", 15},  {"STKFLT", 16}, {"CHLD", 17}, {"CONT", 18},
     {"STOP", 19}, {"TSTP", 20}, {"TTIN", 21},  {"TTOU", 22},   {"URG", 23},  {"XCPU", 24},
     {"XFSZ", 25}, {"PROF", 27}, {"WINCH", 28}, {"IO", 29},     {"PWR", 30},  {"SYS", 31}});
constexpr int kFirstRealTime = 34;  // as the C library counts
constexpr int kLastSignal = 64;

constexpr auto kUlimits = std::to_array<std::string_view>(
    {"as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
     "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"});

constexpr auto kOwnSysctls = std::to_array<std::string_view>(
    {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shm_rmid_forced",
     "kernel.shmall", "kernel.shmmax", "kernel.shmmni"});

constexpr std::size_t kUserMax = 256;
constexpr std::size_t kHostNameMax = 64;
constexpr std::size_t kHostPartMax = 63;
constexpr std::size_t kPathMax = 4096;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Calls `see` with each part of a text; false as soon as one does not please it.
template <class See>
bool each_part(std::string_view text, char by, const See& see) {
    for (;;) {
        const auto end = text.find(by);
        if (!see(text.substr(0, end))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

bool is_ipv4(std::string_view text) {
    int parts = 0;
    const bool good = each_part(text, '.', [&](std::string_view part) {
        ++parts;
        return part.size() <= 3 && number<std::uint8_t>(part).has_value();
    });
    return good && parts == 4;
}

bool is_ipv6(std::string_view text) {
    const auto gap = text.find("::");
    int parts = 0;
    const auto count = [&](std::string_view half) {
        return half.empty() || each_part(half, ':', [&](std::string_view part) {
                   ++parts;
                   return part.size() <= 4 && number<std::uint16_t>(part, 16).has_value();
               });
    };
    if (gap == std::string_view::npos) return count(text) && parts == 8;
    return count(text.substr(0, gap)) && count(text.substr(gap + 2)) && parts < 8;
}

// "64m" as the kernel has it.
bool is_amount(std::string_view text) {
    if (!text.empty() && std::string_view{"kKmMgG%"}.find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    return number<std::uint64_t>(text).has_value();
}

bool is_mount_option(std::string_view option) {
    constexpr auto kSwitches = std::to_array<std::string_view>(
        {"rw", "ro", "exec", "noexec", "nosuid", "nodev", "noatime"});
    const auto equals = option.find('=');
    if (equals == std::string_view::npos) return contains(kSwitches, option);
    const auto name = option.substr(0, equals);
    const auto value = option.substr(equals + 1);
    if (name == "size" || name == "nr_inodes") return is_amount(value);
    if (name == "mode") return number<std::uint16_t>(value, 8).value_or(0xffff) <= 07777;
    return (name == "uid" || name == "gid") && number<std::uint32_t>(value).has_value();
}

// What the runtime mounts itself, and the doors into the kernel.
bool is_runtimes_own(std::string_view path) {
    const auto below = [&](std::string_view root) {
        return path == root || (path.starts_with(root) && path[root.size()] == '/');
    };
    return path == "/" || path == "/dev" || below("/proc") || below("/sys") || below("/dev/pts") ||
           below("/dev/mqueue");
}

}  // namespace

std::optional<std::string> capability_name(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (out.starts_with("CAP_")) out.erase(0, 4);
    if (out != "ALL" && !contains(kAll, out)) return std::nullopt;
    return out;
}

std::optional<unsigned> capability_number(std::string_view name) {
    const auto* found = std::find(kNumbered.begin(), kNumbered.end(), name);
    if (found == kNumbered.end()) return std::nullopt;
    return static_cast<unsigned>(found - kNumbered.begin());
}

std::span<const std::string_view> all_capabilities() {
    return kAll;
}

std::span<const std::string_view> default_capabilities() {
    return kDefault;
}

bool stays_inside(std::string_view capability) {
    return contains(kDefault, capability) || contains(kHarmless, capability);
}

int signal_number(std::string_view text) {
    if (text.starts_with("SIG")) text.remove_prefix(3);
    for (const auto& [name, signal] : kSignals) {
        if (text == name) return signal;
    }
    constexpr std::string_view kRealTime = "RTMIN+";
    const bool relative = text.starts_with(kRealTime);
    const auto given = number<int>(relative ? text.substr(kRealTime.size()) : text);
    if (!given || *given < 0 || *given > kLastSignal) return 0;
    const int signal = relative ? kFirstRealTime + *given : *given;
    return signal <= kLastSignal ? signal : 0;
}

std::span<const std::string_view> ulimit_names() {
    return kUlimits;
}

bool jumps_queues(std::string_view ulimit) {
    return ulimit == "nice" || ulimit == "rtprio";
}

bool is_own_sysctl(std::string_view name) {
    const auto good = [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == '/';
    };
    if (name.size() > kPathMax || !std::all_of(name.begin(), name.end(), good)) return false;
    if (name.find("..") != std::string_view::npos) return false;
    const auto below = [&](std::string_view root) {
        return name.starts_with(root) && name.size() > root.size();
    };
    return contains(kOwnSysctls, name) || below("net.") || below("fs.mqueue.");
}

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
    });
}

bool is_group_name(std::string_view text) {
    return is_word(text) && text.size() <= kUserMax && text.find(':') == std::string_view::npos;
}

bool is_user(std::string_view text) {
    const auto colon = text.find(':');
    return is_group_name(text.substr(0, colon)) &&
           (colon == std::string_view::npos || is_group_name(text.substr(colon + 1)));
}

bool is_host_name(std::string_view text) {
    return text.size() <= kHostNameMax && each_part(text, '.', [](std::string_view part) {
               return !part.empty() && part.size() <= kHostPartMax && part.front() != '-' &&
                      std::all_of(part.begin(), part.end(), [](char c) {
                          return is_letter_or_digit(c) || c == '-' || c == '_';
                      });
           });
}

bool is_absolute_path(std::string_view text) {
    if (!text.starts_with('/') || text.size() > kPathMax) return false;
    const auto printable = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    };
    return std::all_of(text.begin(), text.end(), printable) &&
           each_part(text, '/', [](std::string_view part) { return part != "." && part != ".."; });
}

bool is_ip_address(std::string_view text) {
    return is_ipv4(text) || is_ipv6(text);
}

std::optional<MemoryFolder> parse_memory_folder(std::string_view text) {
    const auto colon = text.find(':');
    MemoryFolder out{.path = std::string{text.substr(0, colon)}};
    while (out.path.size() > 1 && out.path.ends_with('/')) {
        out.path.pop_back();
    }
    if (!is_absolute_path(out.path) || out.path.find("//") != std::string::npos ||
        is_runtimes_own(out.path)) {
        return std::nullopt;
    }
    if (colon == std::string_view::npos) return out;
    const bool good = each_part(text.substr(colon + 1), ',', [&](std::string_view option) {
        out.options.emplace_back(option);
        return is_mount_option(option);
    });
    return good ? std::optional{out} : std::nullopt;
}

}  // namespace shoal
