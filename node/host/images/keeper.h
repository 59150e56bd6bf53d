// Looks after the images of this node: says in its log which it holds, and removes those nobody
// needs any more.
//
// Never removed: what a job names, what this node has promised to run, what a name of the cluster
// means, and what was put into containerd by other means than ours.
#pragma once

#include "node/agent/agent.h"
#include "node/host/runtime/images.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host::images {

class Keeper {
public:
    using Moment = std::chrono::steady_clock::time_point;

    struct Settings {
        std::chrono::milliseconds look_every{5'000};
        std::chrono::milliseconds keep_unused{std::chrono::hours{24}};
        // Of an image not used, even while the disk is short: the word of its use may be under way.
        std::chrono::milliseconds keep_at_least{std::chrono::minutes{10}};
    };

    struct World {
        std::function<void(agent::HostFacts)> tell{};
        std::function<void(const std::string&)> log{};
        std::function<bool()> is_short_of_space{};
    };

    // `agent` and `images` must outlive it.
    Keeper(asio::io_context& loop, const agent::Agent& agent, Images& images,
           const Settings& settings, World world);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // Looks at once, and every few seconds.
    void begin();

    [[nodiscard]] const std::vector<HeldImage>& held() const { return held_; }

    // Looks now, and calls back when what was found has been told.
    void look(std::function<void()> then);

    // What a job's image means: pinned, if the name or a digest says what it is; as it is written,
    // if containerd is away and nobody can tell. NotFound: what can be done.
    void resolve(const std::string& image, Images::Done<std::string> done);

    struct Pruned {
        std::vector<std::string> digests{};
        std::int64_t bytes = 0;
    };

    // Removes all that nobody needs, now. Unavailable: the node does not know yet what is needed.
    void prune(Images::Done<Pruned> done);

private:
    void look_later();
    void tell_changes();
    void collect();
    void remove(std::vector<HeldImage> doomed, std::shared_ptr<Pruned> so_far,
                Images::Done<Pruned> done);
    [[nodiscard]] bool is_needed(const HeldImage& image) const;

    const agent::Agent& agent_;
    Images& images_;
    Settings settings_;
    World world_;
    asio::steady_timer timer_;
    std::vector<HeldImage> held_;
    bool blind_ = true;                           // the last look failed
    std::map<std::string, Moment> unused_since_;  // by digest
    bool removing_ = false;
    std::shared_ptr<Keeper*> alive_;
};

// The digest an image means by the names the cluster gave: of itself, or of its name. Empty: none
// is known.
[[nodiscard]] Result<std::string> pinned_by_name(const agent::Agent& agent,
                                                 const std::string& image);

}  // namespace shoal::host::images
