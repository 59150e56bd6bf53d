// How the program of a container runs and what it may do, where its job says more than its image.
//
// The default of every member is what a container gets that says nothing: 14 capabilities, no new
// privileges, bounded processes.
#pragma once

#include "node/base/fields.h"
#include "node/base/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::placement {

struct Ulimit {
    std::int64_t soft = 0;  // -1: none
    std::int64_t hard = 0;
    friend bool operator==(const Ulimit&, const Ulimit&) = default;
};

auto fields(Is<Ulimit> auto& v) {
    return std::tie(v.soft, v.hard);
}

struct ProcessWish {
    std::string user{};  // "fish", "1000" or "1000:fish"; empty: the image's
    std::vector<std::string> groups{};
    std::string working_dir{};  // empty: the image's
    std::string hostname{};     // empty: made from the job's name
    std::string domainname{};
    std::string stop_signal{};  // "SIGINT"; empty: the image's, else SIGTERM
    bool tty = false;
    bool stdin_open = false;  // nobody ever writes to it, and it does not end
    bool read_only = false;   // the root file system

    bool privileged = false;             // all capabilities, all devices, no filter of calls
    bool no_new_privileges = true;       // set-user-id programs and file capabilities grant nothing
    std::vector<std::string> cap_add{};  // "NET_ADMIN", "ALL"; in order, each once
    std::vector<std::string> cap_drop{};
    std::map<std::string, std::string> sysctls{};
    std::map<std::string, Ulimit> ulimits{};

    std::uint64_t pids_limit = 0;    // 0: the node's bound
    std::uint64_t cpu_shares = 0;    // 0: by the cores it needs
    std::int64_t memswap_limit = 0;  // memory and swap in bytes; 0: no swap; -1: no limit
    std::uint64_t shm_size = 0;      // bytes; 0: 64 MiB
    std::int32_t oom_score_adj = 0;
    std::vector<std::string> tmpfs{};  // "/scratch:size=64m"

    std::vector<std::string> extra_hosts{};  // "name=address", "name=host-gateway"
    std::vector<std::string> dns{};
    std::vector<std::string> dns_search{};
    std::vector<std::string> dns_opt{};
    friend bool operator==(const ProcessWish&, const ProcessWish&) = default;
};

auto fields(Is<ProcessWish> auto& v) {
    return std::tie(v.user, v.groups, v.working_dir, v.hostname, v.domainname, v.stop_signal, v.tty,
                    v.stdin_open, v.read_only, v.privileged, v.no_new_privileges, v.cap_add,
                    v.cap_drop, v.sysctls, v.ulimits, v.pids_limit, v.cpu_shares, v.memswap_limit,
                    v.shm_size, v.oom_score_adj, v.tmpfs, v.extra_hosts, v.dns, v.dns_search,
                    v.dns_opt);
}

inline constexpr std::uint64_t kPidsLimitMax = 4'194'304;  // as many as the kernel counts
inline constexpr std::uint64_t kCpuSharesLeast = 2;
inline constexpr std::uint64_t kCpuSharesMost = 262'144;
inline constexpr std::size_t kProcessListMax = 128;  // of each list

// Says what is wrong and what would be right. `memory`: the job's limit, 0 if it has none.
[[nodiscard]] Result<void> validate(const ProcessWish& wish, std::uint64_t memory);

// All texts together, in bytes.
[[nodiscard]] std::size_t text_of(const ProcessWish& wish);

// What it ends up with, in order: what is dropped goes first, what is added comes after; ALL is
// every one.
[[nodiscard]] std::vector<std::string> capabilities_of(const ProcessWish& wish);

// Could it do something to other containers or to the node? Only nodes that allow it run such.
[[nodiscard]] bool needs_privilege(const ProcessWish& wish);

}  // namespace shoal::placement
