// How full the disks of this node are: its data directory, and where containerd keeps containers.
#pragma once

#include "node/base/time.h"  // also: asio must not be what a source sees first (CMakeLists.txt)

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <string>
#include <vector>

namespace shoal::host {

// Free space in per cent of what an ordinary user may fill; nothing if the folder cannot be asked.
struct Space {
    std::string folder{};
    double free_percent = 100;
};

class SpaceWatch {
public:
    using Folders = std::function<std::vector<std::string>()>;
    // Told on a change: which folder is low, in words; empty once none is.
    using Changed = std::function<void(const std::string& low)>;

    static constexpr Duration kEvery = std::chrono::seconds{5};
    static constexpr double kLowPercent = 5;
    static constexpr double kEnoughPercent = 6;  // apart, so that it does not flutter
    static constexpr double kShortPercent = 10;  // what is not used may go

    SpaceWatch(asio::io_context& loop, Folders folders, Changed changed);

    // Looks at once, and every few seconds.
    void begin();

    [[nodiscard]] bool is_short() const { return short_; }

private:
    void look();

    Folders folders_;
    Changed changed_;
    asio::steady_timer timer_;
    std::string low_;
    bool short_ = false;
};

// The sentence for the fullest of these, or nothing. `was_low`: it takes more to be well again.
[[nodiscard]] std::string low_sentence(const std::vector<Space>& spaces, bool was_low);

}  // namespace shoal::host
