// The one that touches log files: notes about once a second how far they have come, keeps them
// small, removes old ones and reads pages, all on a thread of its own, one after the other.
//
// So a slow or full disk delays logs and nothing else of the node.
#pragma once

#include "node/host/logs/page.h"
#include "node/host/logs/sweep.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace shoal::host::logs {

class Keeper {
public:
    struct Birth {
        std::string root{};
        // Asked on the loop: the containers that may still write, and ms since 1970.
        std::function<Containers()> live{};
        std::function<std::int64_t()> wall_ms{};
        std::chrono::milliseconds note_every{1'000};
        std::chrono::milliseconds sweep_every{60'000};
        std::uint64_t generation_max = 16U << 20U;
        Keeping keeping{};
    };

    // Works as long as it lives; nothing of it happens on the loop afterwards.
    Keeper(asio::io_context& loop, Birth birth);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // `done` is called on the loop, unless the keeper ends first.
    void read(Question question, std::function<void(Page)> done);

private:
    class Work;

    void arm();
    void look_after();

    asio::io_context& loop_;
    Birth birth_;
    asio::steady_timer timer_;
    std::shared_ptr<Work> work_;
    std::chrono::steady_clock::time_point next_sweep_{};
    asio::thread_pool thread_{1};
};

}  // namespace shoal::host::logs
