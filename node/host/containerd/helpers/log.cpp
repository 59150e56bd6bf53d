// Takes a container's output from its shim and appends it to two files, whatever happens to those.
//
//     shoal-log out FILE err FILE          (in any order; as containerd calls a logger)
//
// A shim that writes to files itself stops reading for good at the first error. A disk that was
// full for a moment then leaves the program hanging in its next write for ever. This loses what
// cannot be written, says how much, and goes on. Static and without the C++ library: there is one
// of it for each container.
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace {

constexpr int kOut = 3;  // what containerd gives a logger: two pipes to read
constexpr int kErr = 4;
constexpr int kReady = 5;  // and one to close when it reads
constexpr int kUsage = 2;

std::array<char, 65536> buffer;

struct Stream {
    int pipe = -1;
    const char* path = nullptr;
    int file = -1;
    std::size_t lost = 0;
    int why = 0;
};

bool write_all(int file, const char* bytes, std::size_t size, std::size_t& written) {
    while (written < size) {
        const ssize_t count = ::write(file, bytes + written, size - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        written += static_cast<std::size_t>(count);
    }
    return true;
}

// Where something is missing has to be visible in the file itself.
bool tell_loss(Stream& stream) {
    if (stream.lost == 0) return true;
    std::array<char, 160> line{};
    const int size = std::snprintf(line.data(), line.size(),
                                   "\n[shoal: %zu bytes of output were lost here: %s]\n",
                                   stream.lost, std::strerror(stream.why));
    std::size_t written = 0;
    if (!write_all(stream.file, line.data(), static_cast<std::size_t>(size), written)) {
        // Half a notice would be told again and again.
        (void)!::ftruncate(stream.file,
                           ::lseek(stream.file, 0, SEEK_END) - static_cast<off_t>(written));
        return false;
    }
    stream.lost = 0;
    return true;
}

void append(Stream& stream, const char* bytes, std::size_t size) {
    if (stream.file < 0) {
        constexpr int kHow = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
        stream.file = ::open(stream.path, kHow, 0600);
    }
    std::size_t written = 0;
    const bool whole =
        stream.file >= 0 && tell_loss(stream) && write_all(stream.file, bytes, size, written);
    if (whole) return;
    stream.why = errno;
    stream.lost += size - written;
}

// False: nobody can write to it any more.
bool pump(Stream& stream) {
    const ssize_t count = ::read(stream.pipe, buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    append(stream, buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace

int main(int count, char** words) {
    std::array<Stream, 2> streams{Stream{.pipe = kOut}, Stream{.pipe = kErr}};
    for (int i = 1; i + 1 < count; i += 2) {
        if (std::strcmp(words[i], "out") == 0) streams[0].path = words[i + 1];
        if (std::strcmp(words[i], "err") == 0) streams[1].path = words[i + 1];
    }
    if (streams[0].path == nullptr || streams[1].path == nullptr) return kUsage;
    // Its end is that of the output; a shim that is in a hurry may kill it.
    (void)std::signal(SIGTERM, SIG_IGN);
    (void)std::signal(SIGXFSZ, SIG_IGN);
    ::close(kReady);
    std::array<pollfd, 2> waiting{pollfd{kOut, POLLIN, 0}, pollfd{kErr, POLLIN, 0}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return 1;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].fd >= 0 && waiting[i].revents != 0 && !pump(streams[i])) {
                waiting[i].fd = -1;
            }
        }
    }
    return 0;
}
