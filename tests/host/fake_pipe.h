// Two ends of a pipe in memory.
#pragma once

#include "node/host/net/pipe.h"

#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <memory>
#include <string>
#include <utility>

namespace shoal::host::tests {

class FakePipe final : public Pipe {
public:
    using Ends = std::pair<std::shared_ptr<FakePipe>, std::shared_ptr<FakePipe>>;

    explicit FakePipe(asio::io_context& loop) : loop_(loop) {}

    static Ends make(asio::io_context& loop) {
        Ends out{std::make_shared<FakePipe>(loop), std::make_shared<FakePipe>(loop)};
        out.first->other_ = out.second;
        out.second->other_ = out.first;
        return out;
    }

    // Dropped without goodbye, it breaks, as the real one does.
    ~FakePipe() override {
        if (!finished) close();
    }

    FakePipe(const FakePipe&) = delete;
    FakePipe& operator=(const FakePipe&) = delete;

    [[nodiscard]] NodeId peer() const override { return {}; }

    void read(Read done) override {
        reader_ = std::move(done);
        serve();
    }

    void write(Bytes bytes, Written done) override {
        Result<void> out{};
        const auto to = other_.lock();
        if (broken || finished || !to) {
            out = fail(Errc::Unavailable, "the pipe is broken");
        } else {
            to->arrive(bytes);
        }
        asio::post(loop_, [done = std::move(done), out] { done(out); });
    }

    void finish() override {
        finished = true;
        if (const auto to = other_.lock()) to->end();
    }

    void close() override {
        break_off();
        if (const auto to = other_.lock()) to->break_off();
    }

    std::string arrived;  // and not yet read
    bool finished = false;
    bool broken = false;

private:
    void arrive(const Bytes& bytes) {
        arrived += to_text(bytes);
        serve();
    }

    void end() {
        over_ = true;
        serve();
    }

    void break_off() {
        broken = true;
        serve();
    }

    void serve() {
        if (!reader_) return;
        Result<Bytes> out{};
        if (!arrived.empty()) {
            out = to_bytes(std::exchange(arrived, {}));
        } else if (broken && !over_) {
            out = fail(Errc::Unavailable, "the pipe is broken");
        } else if (!over_) {
            return;
        }
        asio::post(loop_, [done = std::exchange(reader_, {}), out] { done(out); });
    }

    asio::io_context& loop_;
    std::weak_ptr<FakePipe> other_;
    Read reader_;
    bool over_ = false;
};

}  // namespace shoal::host::tests
