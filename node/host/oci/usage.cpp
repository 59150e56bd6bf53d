#include "node/host/oci/usage.h"

#include "node/api/quantities.h"
#include "node/host/identity/files.h"

#include <string_view>

namespace shoal::host::oci {
namespace {

constexpr std::size_t kFileMax = 64 * 1024;
constexpr std::uint64_t kNoLimit = 1ULL << 60U;  // version 1 says "none" with a number near 2^63

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

// Nothing where there is no such file, or "max" in it.
std::optional<std::uint64_t> number_in(const std::string& file) {
    const auto content = read_small_file(file, kFileMax);
    if (!content) return std::nullopt;
    return api::parse_number<std::uint64_t>(std::string{first_line(content->text)});
}

// The number after `name` in a file of "name number" lines.
std::uint64_t number_of(const std::string& file, std::string_view name) {
    const auto content = read_small_file(file, kFileMax);
    if (!content) return 0;
    std::string_view rest = content->text;
    while (!rest.empty()) {
        const auto line = first_line(rest);
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        const auto space = line.find(' ');
        if (line.substr(0, space) != name || space == std::string_view::npos) continue;
        return api::parse_number<std::uint64_t>(std::string{line.substr(space + 1)}).value_or(0);
    }
    return 0;
}

std::uint64_t without_cache(std::uint64_t all, std::uint64_t cache) {
    return all > cache ? all - cache : 0;
}

std::optional<Usage> of_version_2(const std::string& group) {
    const auto memory = number_in(group + "/memory.current");
    if (!memory) return std::nullopt;
    return Usage{
        .cpu_ns = number_of(group + "/cpu.stat", "usage_usec") * 1000,
        .memory_bytes = without_cache(*memory, number_of(group + "/memory.stat", "inactive_file")),
        .memory_limit_bytes = number_in(group + "/memory.max").value_or(0),
        .processes = number_in(group + "/pids.current").value_or(0)};
}

std::optional<Usage> of_version_1(const std::string& cgroups, const std::string& path) {
    const auto in_memory = cgroups + "/memory" + path;
    const auto memory = number_in(in_memory + "/memory.usage_in_bytes");
    if (!memory) return std::nullopt;
    const auto limit = number_in(in_memory + "/memory.limit_in_bytes").value_or(0);
    return Usage{.cpu_ns = number_in(cgroups + "/cpuacct" + path + "/cpuacct.usage").value_or(0),
                 .memory_bytes = without_cache(
                     *memory, number_of(in_memory + "/memory.stat", "total_inactive_file")),
                 .memory_limit_bytes = limit < kNoLimit ? limit : 0,
                 .processes = number_in(cgroups + "/pids" + path + "/pids.current").value_or(0)};
}

}  // namespace

std::optional<Usage> read_usage(const std::string& cgroups_path, const HostFacts& host,
                                const std::string& cgroups) {
    return host.unified ? of_version_2(cgroups + cgroups_path)
                        : of_version_1(cgroups, cgroups_path);
}

}  // namespace shoal::host::oci
