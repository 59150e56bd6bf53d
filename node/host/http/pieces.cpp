#include "node/host/http/pieces.h"

#include <algorithm>
#include <utility>

namespace shoal::host::http {
namespace {

constexpr std::size_t kPiece = 64U << 10U;

struct Job {
    std::shared_ptr<Pipe> pipe{};
    Bytes bytes{};
    std::size_t at = 0;
    Pipe::Written done{};
    std::function<void()> progress{};
};

void write_next(const std::shared_ptr<Job>& job) {
    const auto rest = ByteView{job->bytes}.subspan(job->at);
    const auto piece = rest.first(std::min(kPiece, rest.size()));
    job->at += piece.size();
    job->pipe->write({piece.begin(), piece.end()}, [job](const Result<void>& written) {
        if (!written || job->at == job->bytes.size()) return job->done(written);
        if (job->progress) job->progress();
        write_next(job);
    });
}

}  // namespace

void write_pieces(std::shared_ptr<Pipe> pipe, Bytes bytes, Pipe::Written done,
                  std::function<void()> progress) {
    write_next(std::make_shared<Job>(
        Job{std::move(pipe), std::move(bytes), 0, std::move(done), std::move(progress)}));
}

}  // namespace shoal::host::http
