#include "node/host/containerd/check_output.h"

#include "node/base/utf8.h"
#include "placement/health.h"

#include <asio/buffer.hpp>
#include <asio/error_code.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace shoal::host::ctrd {
namespace {

Error failed(const std::string& path, int error) {
    return {Errc::Io, "pipe of a check " + path + ": " + std::strerror(error)};
}

// Nothing that a terminal or JSON would stumble over, and no blank end.
std::string as_text(std::string bytes) {
    const bool text = is_utf8(bytes);
    for (char& one : bytes) {
        const auto byte = static_cast<unsigned char>(one);
        const bool odd = (byte < 0x20 && one != '\n' && one != '\t') || byte == 0x7f;
        if (odd || (!text && byte >= 0x80)) one = '?';
    }
    bytes.erase(bytes.find_last_not_of(" \n\t") + 1);
    return bytes;
}

}  // namespace

Result<std::shared_ptr<CheckOutput>> CheckOutput::open(const asio::any_io_executor& executor,
                                                       const std::string& folder,
                                                       const std::string& name) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(failed(folder, error.value()));
    auto path = folder + "/" + name;
    if (::mkfifo(path.c_str(), 0600) != 0) return fail(failed(path, errno));
    // For writing too: then it has no end before ours.
    const int pipe = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (pipe < 0) {
        const auto why = failed(path, errno);
        (void)::unlink(path.c_str());
        return fail(why);
    }
    std::shared_ptr<CheckOutput> out{new CheckOutput{executor, std::move(path), pipe}};
    out->read();
    return out;
}

CheckOutput::CheckOutput(const asio::any_io_executor& executor, std::string path, int pipe)
    : pipe_(executor, pipe), path_(std::move(path)) {}

CheckOutput::~CheckOutput() {
    (void)::unlink(path_.c_str());
}

void CheckOutput::read() {
    pipe_.async_read_some(
        asio::buffer(buffer_),
        [weak = weak_from_this()](const asio::error_code& error, std::size_t size) {
            const auto self = weak.lock();
            if (!self || error) return;
            self->take(size);
            self->read();
        });
}

void CheckOutput::take(std::size_t size) {
    tail_.append(buffer_.data(), size);
    if (tail_.size() > placement::kCheckOutputMax) {
        tail_.erase(0, tail_.size() - placement::kCheckOutputMax);
    }
}

std::string CheckOutput::finish() {
    asio::error_code ignored;
    (void)pipe_.cancel(ignored);
    // Whoever writes on after its end has time for a pipe's worth, no more.
    for (int left = 64; left > 0; --left) {
        const auto size = ::read(pipe_.native_handle(), buffer_.data(), buffer_.size());
        if (size <= 0) break;
        take(static_cast<std::size_t>(size));
    }
    (void)pipe_.close(ignored);
    (void)::unlink(path_.c_str());
    return as_text(std::move(tail_));
}

}  // namespace shoal::host::ctrd
