#include "node/host/oci/spec.h"

#include "node/base/process_words.h"
#include "node/host/oci/health.h"
#include "node/host/oci/process.h"
#include "node/host/oci/seccomp.h"
#include "node/host/oci/spec_mounts.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;

constexpr auto kMasked = std::to_array<std::string_view>(
    {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
     "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
     "/sys/devices/virtual/powercap", "/sys/firmware"});

constexpr auto kReadonly = std::to_array<std::string_view>(
    {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"});

constexpr std::int64_t kCpuPeriod = 100'000;  // microseconds
constexpr std::int64_t kCpuQuotaMin = 1'000;  // the kernel's
constexpr std::uint64_t kSharedMemory = 64ULL << 20U;

Json mount(const char* to, const char* type, const char* source, std::vector<std::string> options) {
    return {
        {"destination", to}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

// Nobody can leave a file to run, or a device, in what is meant for scratch, unless it is asked
// for.
Json memory_folder(const MemoryFolder& folder) {
    std::vector<std::string> options{"nosuid", "nodev"};
    const auto says = [&](std::string_view option) {
        return std::find(folder.options.begin(), folder.options.end(), option) !=
               folder.options.end();
    };
    if (!says("exec")) options.emplace_back("noexec");
    const bool moded = std::any_of(folder.options.begin(), folder.options.end(),
                                   [](const auto& one) { return one.starts_with("mode="); });
    if (!moded) options.emplace_back("mode=1777");
    options.insert(options.end(), folder.options.begin(), folder.options.end());
    return mount(folder.path.c_str(), "tmpfs", "tmpfs", std::move(options));
}

Json mounts(const SpecWish& wish) {
    const auto& process = wish.container.process;
    const char* kernel_access = process.privileged ? "rw" : "ro";
    const auto shared = process.shm_size != 0 ? process.shm_size : kSharedMemory;
    auto out = Json::array();
    out.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
    out.push_back(
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
    out.push_back(
        mount("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}));
    out.push_back(mount(
        "/dev/shm", "tmpfs", "shm",
        {"nosuid", "noexec", "nodev", "mode=1777", "size=" + std::to_string(shared / 1024) + "k"}));
    out.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
    out.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", kernel_access}));
    // Read-only, so that a program can see its own limits.
    out.push_back(
        mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", kernel_access}));
    out.push_back(mount("/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755", "size=65536k"}));
    for (const auto& one : process.tmpfs) {
        if (const auto folder = parse_memory_folder(one)) out.push_back(memory_folder(*folder));
    }
    const auto file = [&](const char* inside, const std::string& outside) {
        if (outside.empty()) return;
        out.push_back(
            mount(inside, "bind", outside.c_str(), {"rbind", "ro", "nosuid", "nodev", "noexec"}));
    };
    file("/etc/hosts", wish.hosts_file);
    file("/etc/resolv.conf", wish.resolver_file);
    if (!wish.init_path.empty()) {
        out.push_back(
            mount(kInitInside, "bind", wish.init_path.c_str(), {"bind", "ro", "nosuid", "nodev"}));
    }
    add_mounts(out, wish);
    return out;
}

Json resources(const SpecWish& wish) {
    const auto& wished = wish.container.process;
    const auto pids = wished.pids_limit != 0 ? wished.pids_limit : std::uint64_t{kPidsMax};
    Json out = {{"devices", {{{"allow", wished.privileged}, {"access", "rwm"}}}},
                {"pids", {{"limit", pids}}}};
    const auto& need = wish.container.need;
    if (need.memory_bytes != 0) {
        const auto limit = std::min<std::uint64_t>(need.memory_bytes, INT64_MAX);
        out["memory"] = {{"limit", limit}};
        // Memory and swap together: equal means no swap.
        if (wish.host.unified || wish.host.swap_accounting) {
            out["memory"]["swap"] = limit;
            if (wished.memswap_limit != 0) out["memory"]["swap"] = wished.memswap_limit;
        }
    }
    const std::uint64_t milli =
        need.cpu_milli != 0 ? need.cpu_milli : placement::kDefaultNeed.cpu_milli;
    const auto shares = wished.cpu_shares != 0 ? wished.cpu_shares : milli * 1024 / 1000;
    out["cpu"] = {
        {"shares", std::clamp(shares, placement::kCpuSharesLeast, placement::kCpuSharesMost)}};
    if (need.cpu_milli != 0) {
        const auto quota = static_cast<std::int64_t>(milli) * kCpuPeriod / 1000;
        out["cpu"]["quota"] = std::max(quota, kCpuQuotaMin);
        out["cpu"]["period"] = kCpuPeriod;
    }
    return out;
}

Json devices(const SpecWish& wish) {
    auto out = Json::array();
    for (const auto& one : wish.devices) {
        out.push_back({{"path", one.path},
                       {"type", one.block ? "b" : "c"},
                       {"major", one.major},
                       {"minor", one.minor},
                       {"fileMode", one.mode},
                       {"uid", one.uid},
                       {"gid", one.gid}});
    }
    return out;
}

// In a network of its own a port is nobody else's. Images count on it: they drop root and listen
// at 80.
void open_low_ports(Json& switches) {
    for (const char* spelling :
         {"net.ipv4.ip_unprivileged_port_start", "net/ipv4/ip_unprivileged_port_start"}) {
        if (switches.contains(spelling)) return;
    }
    switches["net.ipv4.ip_unprivileged_port_start"] = "0";
}

Json sysctls(const SpecWish& wish) {
    const auto& wished = wish.container.process;
    Json out = wished.sysctls;
    if (!wish.network_namespace.empty()) open_low_ports(out);
    // The runtime has no member for it.
    if (!wished.domainname.empty()) out["kernel.domainname"] = wished.domainname;
    return out;
}

Json linux_section(const SpecWish& wish) {
    auto namespaces = Json::array();
    for (const char* type : {"pid", "ipc", "uts", "mount"}) {
        namespaces.push_back({{"type", type}});
    }
    if (wish.host.unified) namespaces.push_back({{"type", "cgroup"}});
    if (!wish.network_namespace.empty()) {
        namespaces.push_back({{"type", "network"}, {"path", wish.network_namespace}});
    }
    const auto& wished = wish.container.process;
    Json out = {{"namespaces", std::move(namespaces)},
                {"cgroupsPath", wish.cgroups_path},
                {"resources", resources(wish)}};
    if (auto switches = sysctls(wish); !switches.empty()) out["sysctl"] = std::move(switches);
    if (wished.privileged) {
        out["devices"] = devices(wish);
        return out;
    }
    out["maskedPaths"] = kMasked;
    out["readonlyPaths"] = kReadonly;
    out["seccomp"] = seccomp_for(placement::capabilities_of(wished));
    return out;
}

// Of the host's network they would be the host's.
Result<void> check_switches(const SpecWish& wish) {
    if (!wish.network_namespace.empty()) return {};
    for (const auto& [name, value] : wish.container.process.sysctls) {
        if (!name.starts_with("net.")) continue;
        return fail(Errc::Malformed, "sysctl " + name +
                                         ": containers share this node's network; it needs "
                                         "--network bridge");
    }
    return {};
}

}  // namespace

HostFacts detect_host(const std::string& cgroups) {
    std::error_code ignored;
    HostFacts out{.unified = std::filesystem::exists(cgroups + "/cgroup.controllers", ignored),
                  .swap_accounting = std::filesystem::exists(
                      cgroups + "/memory/memory.memsw.limit_in_bytes", ignored)};
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) out.open_files_max = files.rlim_max;
    for (std::size_t i = 0; i < all_capabilities().size(); ++i) {
        const auto number = capability_number(all_capabilities()[i]).value_or(0);
        if (prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 0) {
            out.capabilities &= ~(std::uint64_t{1} << number);
        }
    }
    return out;
}

bool needs_init(const placement::Template& container) {
    return container.init || (container.process.stdin_open && !container.process.tty);
}

std::vector<std::string> arguments(const placement::Template& container, const ImageConfig& image) {
    auto out = container.entrypoint.empty() ? image.entrypoint : container.entrypoint;
    const bool own = !container.entrypoint.empty() || !container.command.empty();
    const auto& rest = own ? container.command : image.command;
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

Result<std::string> make_spec(const SpecWish& wish) {
    auto words = arguments(wish.container, wish.image);
    if (words.empty()) {
        return fail(Errc::Malformed, "neither the job nor the image names a program to run");
    }
    if (const auto fit = check_switches(wish); !fit) return fail(fit.error());
    Json spec = {{"ociVersion", "1.0.2"},
                 {"process", process_section(wish, std::move(words))},
                 {"root", {{"path", "rootfs"}, {"readonly", wish.container.process.read_only}}},
                 {"mounts", mounts(wish)},
                 {"linux", linux_section(wish)}};
    if (!wish.hostname.empty()) spec["hostname"] = wish.hostname;
    const auto check = check_annotation(wish.image.check);
    if (!check.empty()) spec["annotations"] = {{kCheckAnnotation, check}};
    // What is not UTF-8 in a job becomes a replacement character instead of an exception.
    return spec.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace shoal::host::oci
