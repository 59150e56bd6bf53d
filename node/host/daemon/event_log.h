// The last things that happened on this node, for `shoal events` and `shoal status`.
//
// Bounded: the oldest go. Followers are told of each new one.
#pragma once

#include "node/base/time.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace shoal::host {

struct Event {
    std::uint64_t sequence = 0;
    WallTime at{};
    std::string kind{};     // "member", "job", "slot", "notice"
    std::string subject{};  // node or job or slot it is about
    std::string text{};     // one sentence
};

class EventLog {
public:
    using Follower = std::function<void(const Event&)>;

    void add(WallTime at, std::string kind, std::string subject, std::string text) {
        events_.push_back({++sequence_, at, std::move(kind), std::move(subject), std::move(text)});
        if (events_.size() > kKept) events_.pop_front();
        const auto followers = followers_;  // One may leave while it is told.
        for (const auto& [id, follower] : followers) {
            follower(events_.back());
        }
    }

    [[nodiscard]] std::vector<Event> last(std::size_t count) const {
        const auto skip = events_.size() > count ? events_.size() - count : 0;
        return {events_.begin() + static_cast<std::ptrdiff_t>(skip), events_.end()};
    }

    std::uint64_t follow(Follower follower) {
        followers_[++last_follower_] = std::move(follower);
        return last_follower_;
    }

    void unfollow(std::uint64_t id) { followers_.erase(id); }

private:
    static constexpr std::size_t kKept = 1000;

    std::deque<Event> events_;
    std::uint64_t sequence_ = 0;
    std::map<std::uint64_t, Follower> followers_;
    std::uint64_t last_follower_ = 0;
};

}  // namespace shoal::host
