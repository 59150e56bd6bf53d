// The UNIX socket of the API: its file, and who is at the other end.
#pragma once

#include "node/base/result.h"
#include "node/host/http/message.h"

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include <string>
#include <sys/types.h>

namespace shoal::host::http {

// A listening socket and the file it made. The file goes with it, unless another process has put
// its own in its place.
class UnixListener {
public:
    UnixListener(asio::local::stream_protocol::acceptor acceptor, std::string path);
    ~UnixListener();
    UnixListener(UnixListener&& other) noexcept;
    UnixListener& operator=(UnixListener&&) = delete;
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

    asio::local::stream_protocol::acceptor acceptor;

private:
    std::string path_;  // empty: another has it now
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

// Makes the folder (0755) if it is missing, and takes the place of a socket on which nobody
// listens. The file is 0660 and belongs to `group`, if there is such a group and we may give it
// away. Conflict: somebody listens there, or what is there is no socket.
[[nodiscard]] Result<UnixListener> listen_unix_socket(asio::io_context& loop,
                                                      const std::string& path,
                                                      const std::string& group);

// As the kernel recorded them when the peer connected.
[[nodiscard]] Result<UnixPeer> peer_of(asio::local::stream_protocol::socket& socket);

}  // namespace shoal::host::http
