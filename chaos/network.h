// Made-up weather between hosts: delay, loss, doubling, corruption, and who can reach whom.
//
// It only answers questions; the cluster schedules what follows from the answers.
#pragma once

#include "node/base/random.h"
#include "node/base/time.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace shoal::chaos {

using Host = std::uint32_t;

struct Weather {
    Duration delay_min = std::chrono::microseconds{200};
    Duration delay_max = std::chrono::milliseconds{5};
    std::uint32_t spike_per_million = 2'000;  // a packet that takes up to a hundred times as long
    std::uint32_t loss_per_million = 0;
    std::uint32_t duplicate_per_million = 0;
    std::uint32_t corrupt_per_million = 0;
};

class Network {
public:
    Network(const Weather& weather, Random random) : weather_(weather), random_(random) {}

    // ---- who reaches whom

    // Hosts of different groups do not hear each other; hosts not named are in group 0.
    void partition(const std::map<Host, std::uint32_t>& groups) { groups_ = groups; }

    // `from` no longer reaches `to`; the way back stays.
    void block(Host from, Host to) { blocked_.insert({from, to}); }

    void heal() {
        groups_.clear();
        blocked_.clear();
    }

    void set_weather(const Weather& weather) { weather_ = weather; }

    [[nodiscard]] const Weather& weather() const { return weather_; }

    [[nodiscard]] bool reaches(Host from, Host to) const {
        return !blocked_.contains({from, to}) && group(from) == group(to);
    }

    [[nodiscard]] bool whole() const { return groups_.empty() && blocked_.empty(); }

    // ---- what happens to one packet

    struct Fate {
        std::vector<Duration> arrivals{};  // none: lost; two: doubled
        bool corrupted = false;
    };

    [[nodiscard]] Fate datagram(Host from, Host to);
    // A stream retransmits: it is late instead of lost.
    [[nodiscard]] Duration stream_delay();
    [[nodiscard]] Duration delay();

private:
    [[nodiscard]] std::uint32_t group(Host host) const {
        const auto found = groups_.find(host);
        return found == groups_.end() ? 0 : found->second;
    }

    Weather weather_;
    Random random_;
    std::map<Host, std::uint32_t> groups_;
    std::set<std::pair<Host, Host>> blocked_;
};

}  // namespace shoal::chaos
