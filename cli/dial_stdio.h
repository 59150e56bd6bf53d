// Both directions of a conversation between two descriptors and a connected socket.
#pragma once

namespace shoal::cli {

// Copies `in` to `socket` and `socket` to `out` until the socket's other side has said all. The end
// of `in` is passed on. False: reading or writing failed.
bool pump(int in, int out, int socket);

}  // namespace shoal::cli
