#include "chaos/network.h"

#include <algorithm>

namespace shoal::chaos {

Duration Network::delay() {
    const auto spread =
        static_cast<std::uint64_t>((weather_.delay_max - weather_.delay_min).count());
    // The smaller of two draws: most packets are fast, some are slow.
    const auto extra = std::min(random_.below(spread + 1), random_.below(spread + 1));
    Duration out = weather_.delay_min + Duration{static_cast<Duration::rep>(extra)};
    if (random_.chance(weather_.spike_per_million)) {
        out *= static_cast<Duration::rep>(1 + random_.below(100));
    }
    return out;
}

Duration Network::stream_delay() {
    Duration out = delay();
    if (random_.chance(weather_.loss_per_million)) out += std::chrono::milliseconds{200};
    return out;
}

Network::Fate Network::datagram(Host from, Host to) {
    Fate fate;
    if (!reaches(from, to) || random_.chance(weather_.loss_per_million)) return fate;
    fate.arrivals.push_back(delay());
    if (random_.chance(weather_.duplicate_per_million)) fate.arrivals.push_back(delay());
    fate.corrupted = random_.chance(weather_.corrupt_per_million);
    return fate;
}

}  // namespace shoal::chaos
