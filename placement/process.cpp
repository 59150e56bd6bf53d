#include "placement/process.h"

#include "node/base/process_words.h"

#include <algorithm>
#include <string_view>

namespace shoal::placement {
namespace {

constexpr std::string_view kAllOfThem = "ALL";
constexpr std::int32_t kOomScoreMost = 1000;

bool has(const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

Result<void> bad(std::string_view member, const std::string& value, std::string_view allowed) {
    return fail(Errc::Malformed, "process." + std::string{member} + ": '" + value.substr(0, 64) +
                                     "' does not fit; allowed is " + std::string{allowed});
}

bool is_extra_host(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !is_host_name(text.substr(0, equals))) return false;
    const auto address = text.substr(equals + 1);
    return address == "host-gateway" || is_ip_address(address);
}

bool is_ulimit(const std::string& name, const Ulimit& limit) {
    const auto names = ulimit_names();
    const auto order = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
    return std::find(names.begin(), names.end(), name) != names.end() && limit.soft >= -1 &&
           limit.hard >= -1 && order(limit.soft) <= order(limit.hard);
}

Result<void> validate_capabilities(const ProcessWish& wish) {
    for (const auto* list : {&wish.cap_add, &wish.cap_drop}) {
        for (const auto& one : *list) {
            if (capability_name(one) == one) continue;
            return bad(list == &wish.cap_add ? "cap_add" : "cap_drop", one,
                       "ALL or a capability of the kernel, as NET_ADMIN");
        }
    }
    return {};
}

Result<void> validate_identity(const ProcessWish& wish) {
    if (!wish.user.empty() && !is_user(wish.user)) {
        return bad("user", wish.user, "USER or USER:GROUP, names or numbers");
    }
    for (const auto& group : wish.groups) {
        if (!is_group_name(group)) return bad("group_add", group, "the name or number of a group");
    }
    if (!wish.working_dir.empty() && !is_absolute_path(wish.working_dir)) {
        return bad("working_dir", wish.working_dir, "a path from the root, as /srv");
    }
    for (const auto& [member, name] :
         {std::pair{"hostname", &wish.hostname}, std::pair{"domainname", &wish.domainname}}) {
        if (!name->empty() && !is_host_name(*name)) {
            return bad(member, *name, "up to 64 letters, digits, '-' and '.'");
        }
    }
    if (!wish.stop_signal.empty() && signal_number(wish.stop_signal) == 0) {
        return bad("stop_signal", wish.stop_signal, "a signal, as SIGINT or 2");
    }
    return {};
}

Result<void> validate_kernel(const ProcessWish& wish) {
    for (const auto& [name, value] : wish.sysctls) {
        if (!is_own_sysctl(name)) {
            return bad("sysctls", name,
                       "what each container has for itself: net.*, fs.mqueue.*, kernel.shm*, "
                       "kernel.msg*, kernel.sem");
        }
    }
    for (const auto& [name, limit] : wish.ulimits) {
        if (!is_ulimit(name, limit)) {
            return bad("ulimits", name, "a limit's name, as nofile, with soft at most hard");
        }
    }
    for (const auto& one : wish.tmpfs) {
        if (!parse_memory_folder(one)) {
            return bad("tmpfs", one, "PATH or PATH:size=64m,mode=1777, not of the runtime's own");
        }
    }
    return {};
}

Result<void> validate_network(const ProcessWish& wish) {
    for (const auto& one : wish.extra_hosts) {
        if (!is_extra_host(one))
            return bad("extra_hosts", one, "NAME=ADDRESS or NAME=host-gateway");
    }
    for (const auto& one : wish.dns) {
        if (!is_ip_address(one)) return bad("dns", one, "an address");
    }
    for (const auto* list : {&wish.dns_search, &wish.dns_opt}) {
        for (const auto& one : *list) {
            if (is_word(one)) continue;
            return bad(list == &wish.dns_search ? "dns_search" : "dns_opt", one,
                       "a word without spaces");
        }
    }
    return {};
}

Result<void> validate_sizes(const ProcessWish& wish, std::uint64_t memory) {
    if (wish.pids_limit > kPidsLimitMax) {
        return bad("pids_limit", std::to_string(wish.pids_limit), "1 to 4194304");
    }
    const bool shares_fit = wish.cpu_shares >= kCpuSharesLeast && wish.cpu_shares <= kCpuSharesMost;
    if (wish.cpu_shares != 0 && !shares_fit) {
        return bad("cpu_shares", std::to_string(wish.cpu_shares), "2 to 262144");
    }
    const bool swap_fits =
        wish.memswap_limit == -1 ||
        (wish.memswap_limit > 0 && static_cast<std::uint64_t>(wish.memswap_limit) >= memory);
    if (wish.memswap_limit != 0 && (memory == 0 || !swap_fits)) {
        return bad("memswap_limit", std::to_string(wish.memswap_limit),
                   "-1, or at least a limit of memory");
    }
    if (wish.shm_size > 1ULL << 50U) {
        return bad("shm_size", std::to_string(wish.shm_size), "up to 1 PiB");
    }
    if (wish.oom_score_adj < -kOomScoreMost || wish.oom_score_adj > kOomScoreMost) {
        return bad("oom_score_adj", std::to_string(wish.oom_score_adj), "-1000 to 1000");
    }
    return {};
}

}  // namespace

Result<void> validate(const ProcessWish& wish, std::uint64_t memory) {
    for (const auto* list : {&wish.groups, &wish.cap_add, &wish.cap_drop, &wish.tmpfs,
                             &wish.extra_hosts, &wish.dns, &wish.dns_search, &wish.dns_opt}) {
        if (list->size() > kProcessListMax) {
            return fail(Errc::TooLarge, "process: a list of more than 128");
        }
    }
    if (wish.sysctls.size() > kProcessListMax) {
        return fail(Errc::TooLarge, "process.sysctls: more than 128");
    }
    for (const auto check :
         {validate_identity, validate_capabilities, validate_kernel, validate_network}) {
        if (auto good = check(wish); !good) return good;
    }
    return validate_sizes(wish, memory);
}

std::size_t text_of(const ProcessWish& wish) {
    std::size_t out = wish.user.size() + wish.working_dir.size();
    for (const auto* list : {&wish.groups, &wish.cap_add, &wish.cap_drop, &wish.tmpfs,
                             &wish.extra_hosts, &wish.dns, &wish.dns_search, &wish.dns_opt}) {
        for (const auto& item : *list) {
            out += item.size();
        }
    }
    for (const auto& [name, value] : wish.sysctls) {
        out += name.size() + value.size();
    }
    return out;
}

std::vector<std::string> capabilities_of(const ProcessWish& wish) {
    std::vector<std::string> out;
    const bool all = wish.privileged || has(wish.cap_add, kAllOfThem);
    const bool none = has(wish.cap_drop, kAllOfThem);
    for (const auto one : all_capabilities()) {
        const auto defaults = default_capabilities();
        const bool usual = std::find(defaults.begin(), defaults.end(), one) != defaults.end();
        const bool dropped = none || has(wish.cap_drop, one);
        const bool added = has(wish.cap_add, one);
        const bool kept = all ? !has(wish.cap_drop, one) : (usual && !dropped) || added;
        if (wish.privileged || kept) out.emplace_back(one);
    }
    return out;
}

bool needs_privilege(const ProcessWish& wish) {
    const auto capabilities = capabilities_of(wish);
    return wish.privileged || !wish.no_new_privileges || wish.oom_score_adj < 0 ||
           !std::all_of(capabilities.begin(), capabilities.end(), stays_inside) ||
           std::any_of(wish.ulimits.begin(), wish.ulimits.end(), [](const auto& item) {
               return jumps_queues(item.first) && item.second.hard != 0;
           });
}

}  // namespace shoal::placement
