#include "node/host/oci/spec.h"

#include "node/host/oci/health.h"
#include "node/host/oci/seccomp.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <sys/resource.h>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;

constexpr auto kCapabilities = std::to_array<std::string_view>(
    {"CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
     "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP",
     "CAP_SETUID", "CAP_SYS_CHROOT"});

constexpr auto kMasked = std::to_array<std::string_view>(
    {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
     "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
     "/sys/devices/virtual/powercap", "/sys/firmware"});

constexpr auto kReadonly = std::to_array<std::string_view>(
    {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"});

constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
// Where an init of the host appears inside.
constexpr const char* kInitInside = "/.shoal-init";
constexpr std::int64_t kCpuPeriod = 100'000;  // microseconds
constexpr std::int64_t kCpuQuotaMin = 1'000;  // the kernel's
constexpr std::uint64_t kCpuSharesMin = 2;    // the kernel's
constexpr std::uint64_t kCpuSharesMax = 262'144;

Json mount(const char* to, const char* type, const char* source, std::vector<std::string> options) {
    return {
        {"destination", to}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

Json mounts(const SpecWish& wish) {
    auto out = Json::array();
    out.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
    out.push_back(
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
    out.push_back(
        mount("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}));
    out.push_back(mount("/dev/shm", "tmpfs", "shm",
                        {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
    out.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
    out.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
    // Read-only, so that a program can see its own limits.
    out.push_back(mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "ro"}));
    out.push_back(mount("/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755", "size=65536k"}));
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
    return out;
}

// Later ones win; the order is that of first appearance, with PATH first.
std::vector<std::string> environment(const SpecWish& wish) {
    std::vector<std::string> out;
    const auto add = [&](std::string_view line) {
        const auto name = line.substr(0, line.find('=') + 1);
        if (name.empty()) return;
        const auto same = std::find_if(out.begin(), out.end(), [&](const std::string& other) {
            return std::string_view{other}.starts_with(name);
        });
        if (same != out.end()) {
            *same = line;
        } else {
            out.emplace_back(line);
        }
    };
    add(kPath);
    if (!wish.hostname.empty()) add("HOSTNAME=" + wish.hostname);
    for (const auto& line : wish.image.environment) {
        add(line);
    }
    for (const auto& [name, value] : wish.container.environment) {
        add(name + "=" + value);
    }
    for (const auto& line : wish.environment) {
        add(line);
    }
    return out;
}

Json process(const SpecWish& wish, std::vector<std::string> words) {
    if (!wish.init_path.empty()) words.insert(words.begin(), {kInitInside, "--"});
    const auto& directory = wish.image.working_directory;
    Json user = {{"uid", wish.user.uid}, {"gid", wish.user.gid}};
    if (!wish.user.groups.empty()) user["additionalGids"] = wish.user.groups;
    return {
        {"terminal", false},
        {"user", std::move(user)},
        {"args", std::move(words)},
        {"env", environment(wish)},
        {"cwd", directory.starts_with('/') ? directory : "/" + directory},
        {"capabilities",
         {{"bounding", kCapabilities}, {"effective", kCapabilities}, {"permitted", kCapabilities}}},
        {"rlimits",
         {{{"type", "RLIMIT_NOFILE"},
           {"hard", std::min(kOpenFilesMax, wish.host.open_files_max)},
           {"soft", std::min(kOpenFiles, wish.host.open_files_max)}}}},
        {"noNewPrivileges", true}};
}

Json resources(const SpecWish& wish) {
    Json out = {{"devices", {{{"allow", false}, {"access", "rwm"}}}},
                {"pids", {{"limit", kPidsMax}}}};
    const auto& need = wish.container.need;
    if (need.memory_bytes != 0) {
        const auto limit = std::min<std::uint64_t>(need.memory_bytes, INT64_MAX);
        out["memory"] = {{"limit", limit}};
        // Memory and swap together: equal means no swap.
        if (wish.host.unified || wish.host.swap_accounting) out["memory"]["swap"] = limit;
    }
    const std::uint64_t milli =
        need.cpu_milli != 0 ? need.cpu_milli : placement::kDefaultNeed.cpu_milli;
    out["cpu"] = {{"shares", std::clamp(milli * 1024 / 1000, kCpuSharesMin, kCpuSharesMax)}};
    if (need.cpu_milli != 0) {
        const auto quota = static_cast<std::int64_t>(milli) * kCpuPeriod / 1000;
        out["cpu"]["quota"] = std::max(quota, kCpuQuotaMin);
        out["cpu"]["period"] = kCpuPeriod;
    }
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
    return {{"namespaces", std::move(namespaces)}, {"cgroupsPath", wish.cgroups_path},
            {"resources", resources(wish)},        {"maskedPaths", kMasked},
            {"readonlyPaths", kReadonly},          {"seccomp", default_seccomp()}};
}

}  // namespace

HostFacts detect_host(const std::string& cgroups) {
    std::error_code ignored;
    HostFacts out{.unified = std::filesystem::exists(cgroups + "/cgroup.controllers", ignored),
                  .swap_accounting = std::filesystem::exists(
                      cgroups + "/memory/memory.memsw.limit_in_bytes", ignored)};
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) out.open_files_max = files.rlim_max;
    return out;
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
    Json spec = {{"ociVersion", "1.0.2"},
                 {"process", process(wish, std::move(words))},
                 {"root", {{"path", "rootfs"}, {"readonly", false}}},
                 {"mounts", mounts(wish)},
                 {"linux", linux_section(wish)}};
    if (!wish.hostname.empty()) spec["hostname"] = wish.hostname;
    const auto check = check_annotation(wish.image.check);
    if (!check.empty()) spec["annotations"] = {{kCheckAnnotation, check}};
    // What is not UTF-8 in a job becomes a replacement character instead of an exception.
    return spec.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace shoal::host::oci
