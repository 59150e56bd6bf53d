// A port of the host that is ours: found free by binding it, and kept by staying bound.
//
// The socket never receives anything: translation happens before. It makes the port taken for
// everybody else, so that a program started later is told so instead of waiting in vain.
#pragma once

#include "node/host/network/files.h"
#include "node/host/network/publication.h"

namespace shoal::network {

class HostPort {
public:
    // Conflict: in use by somebody else. Unavailable: not an address of this host. Both name the
    // address and the port.
    static Result<HostPort> take(const Publication& port);

private:
    explicit HostPort(Descriptor socket) : socket_(std::move(socket)) {}

    Descriptor socket_;
};

}  // namespace shoal::network
