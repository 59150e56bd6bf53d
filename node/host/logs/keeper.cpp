#include "node/host/logs/keeper.h"

#include "node/host/logs/layout.h"
#include "node/host/logs/log_stream.h"

#include <asio/post.hpp>

#include <atomic>
#include <map>
#include <sys/stat.h>
#include <utility>

namespace shoal::host::logs {

// What the thread works with. The loop may only look at `busy` and `ending`.
class Keeper::Work {
public:
    explicit Work(Birth birth) : birth_(std::move(birth)) {}

    std::atomic<bool> busy = false;
    std::atomic<bool> ending = false;

    // Those that have just ended too: their last words came after the last look.
    void note(const Containers& live) {
        Containers all = live;
        all.insert(noted_.begin(), noted_.end());
        for (const auto& id : all) {
            if (ending) return;
            note(id);
        }
        std::erase_if(seen_, [&](const auto& one) { return !live.contains(one.first.first); });
        noted_ = live;
    }

    // After a restart of the agent, what was written meanwhile.
    void note_all() {
        for (const auto& id : all_containers(birth_.root)) {
            if (ending) return;
            note(id);
        }
    }

    void sweep(const Containers& live, std::int64_t now_ms) {
        logs::sweep(birth_.root, live, birth_.keeping, now_ms, [this] { return !ending; });
    }

    Page read(const Question& question, const Containers& live, std::int64_t now_ms) const {
        return read_page(birth_.root, question, live, now_ms);
    }

private:
    struct Look {
        std::int64_t size = -1;
        std::int64_t changed_s = 0;
        std::int64_t changed_ns = 0;
        friend bool operator==(const Look&, const Look&) = default;
    };

    void note(const placement::ContainerId& id) {
        const auto folder = folder_of(birth_.root, id);
        for (std::size_t stream = 0; stream < kStreams.size(); ++stream) {
            const auto path = folder + kStreams[stream];

            struct stat facts {};

            if (::lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
            const Look now{facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
            auto& before = seen_[{id, stream}];
            if (now == before) continue;
            before = now;
            LogStream{path}.tend(birth_.generation_max);
        }
    }

    Birth birth_;
    Containers noted_{};
    std::map<std::pair<placement::ContainerId, std::size_t>, Look> seen_{};
};

Keeper::Keeper(asio::io_context& loop, Birth birth)
    : loop_(loop), birth_(std::move(birth)), timer_(loop), work_(std::make_shared<Work>(birth_)) {
    asio::post(thread_, [work = work_] { work->note_all(); });
    arm();
}

Keeper::~Keeper() {
    work_->ending = true;
    thread_.stop();
    thread_.join();
}

void Keeper::arm() {
    timer_.expires_after(birth_.note_every);
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        look_after();
        arm();
    });
}

void Keeper::look_after() {
    if (work_->busy) return;  // The disk is slow: the next look will do.
    work_->busy = true;
    const auto now = std::chrono::steady_clock::now();
    const bool sweeps = now >= next_sweep_;
    if (sweeps) next_sweep_ = now + birth_.sweep_every;
    asio::post(thread_, [work = work_, live = birth_.live(), wall = birth_.wall_ms(), sweeps] {
        work->note(live);
        if (sweeps) work->sweep(live, wall);
        work->busy = false;
    });
}

void Keeper::read(Question question, std::function<void(Page)> done) {
    asio::post(thread_, [work = work_, &loop = loop_, question = std::move(question),
                         live = birth_.live(), wall = birth_.wall_ms(), done = std::move(done)] {
        auto page = work->read(question, live, wall);
        asio::post(loop, [work, done, page = std::move(page)]() mutable {
            if (!work->ending) done(std::move(page));
        });
    });
}

}  // namespace shoal::host::logs
