#include "node/host/daemon/recorder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace shoal::host {

Result<Recorder> Recorder::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    std::FILE* file = fd < 0 ? nullptr : ::fdopen(fd, "wb");
    if (file == nullptr) {
        return fail(Errc::Io, "cannot write the recording " + path + ": " + std::strerror(errno));
    }
    return Recorder{file};
}

void Recorder::header(const agent::RecordingHeader& header) {
    append(agent::encode_frame(header));
}

void Recorder::step(const agent::RecordedStep& step) {
    append(agent::encode_frame(step));
}

// Flushed per frame: what a recording is for is the moment before a crash.
void Recorder::append(const Bytes& frame) {
    (void)std::fwrite(frame.data(), 1, frame.size(), file_.get());
    (void)std::fflush(file_.get());
}

}  // namespace shoal::host
