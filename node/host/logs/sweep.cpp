#include "node/host/logs/sweep.h"

#include "node/host/logs/layout.h"

#include <algorithm>
#include <sys/statvfs.h>
#include <utility>
#include <vector>

namespace shoal::host::logs {

bool disk_is_low(const std::string& root) {
    constexpr std::uint64_t kAlwaysEnough = 10ULL << 30U;

    struct statvfs facts {};

    if (::statvfs(root.c_str(), &facts) != 0) return false;
    const auto bytes = [&](fsblkcnt_t blocks) { return std::uint64_t{blocks} * facts.f_frsize; };
    return bytes(facts.f_bavail) < std::min(bytes(facts.f_blocks) / 10, kAlwaysEnough);
}

void sweep(const std::string& root, const Containers& live, const Keeping& keeping,
           std::int64_t now_ms, const std::function<bool()>& go_on) {
    std::vector<std::pair<std::int64_t, placement::ContainerId>> gone;
    for (auto& id : all_containers(root)) {
        if (!live.contains(id)) gone.emplace_back(last_written(root, id), std::move(id));
    }
    std::sort(gone.begin(), gone.end());
    for (const auto& [written, id] : gone) {
        if (!go_on()) return;
        const auto age = now_ms - written;
        const bool low = age > keeping.fresh_ms && keeping.disk_is_low && keeping.disk_is_low(root);
        if (age > keeping.age_max_ms || low) remove_container(root, id, now_ms);
    }
}

}  // namespace shoal::host::logs
