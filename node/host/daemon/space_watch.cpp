#include "node/host/daemon/space_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sys/statvfs.h>
#include <utility>

namespace shoal::host {
namespace {

std::optional<Space> space_of(const std::string& folder) {
    struct statvfs facts {};

    if (folder.empty() || ::statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
    const auto used = facts.f_blocks - facts.f_bfree;
    const auto usable = used + facts.f_bavail;
    if (usable == 0) return std::nullopt;  // Not a disk.
    return Space{folder, 100.0 * static_cast<double>(facts.f_bavail) / static_cast<double>(usable)};
}

}  // namespace

std::string low_sentence(const std::vector<Space>& spaces, bool was_low) {
    const auto fullest = std::min_element(
        spaces.begin(), spaces.end(),
        [](const Space& a, const Space& b) { return a.free_percent < b.free_percent; });
    const double limit = was_low ? SpaceWatch::kEnoughPercent : SpaceWatch::kLowPercent;
    if (fullest == spaces.end() || fullest->free_percent >= limit) return {};
    return fmt::format("has less than {:.0f} % free at {}", limit, fullest->folder);
}

SpaceWatch::SpaceWatch(asio::io_context& loop, Folders folders, Changed changed)
    : folders_(std::move(folders)), changed_(std::move(changed)), timer_(loop) {}

void SpaceWatch::begin() {
    look();
    timer_.expires_after(kEvery);
    timer_.async_wait([this](const std::error_code& error) {
        if (!error) begin();
    });
}

void SpaceWatch::look() {
    std::vector<Space> spaces;
    for (const auto& folder : folders_()) {
        if (auto space = space_of(folder)) spaces.push_back(std::move(*space));
    }
    short_ = std::any_of(spaces.begin(), spaces.end(),
                         [](const Space& one) { return one.free_percent < kShortPercent; });
    auto low = low_sentence(spaces, !low_.empty());
    if (low.empty() == low_.empty()) return;
    low_ = std::move(low);
    changed_(low_);
}

}  // namespace shoal::host
