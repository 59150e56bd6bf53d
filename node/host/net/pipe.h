// A pipe of bytes to a peer, over a sealed stream: how an HTTP request reaches another node's API.
//
// Both directions end on their own (`finish`). Reading asks for one piece at a time, so a slow
// reader slows the writer down instead of filling memory. Drop every reference, or close(), to hang
// up.
#pragma once

#include "node/base/bytes.h"
#include "node/base/id.h"
#include "node/base/result.h"

#include <functional>
#include <memory>

namespace shoal::host {

class Pipe {
public:
    using Read = std::function<void(Result<Bytes>)>;
    using Written = std::function<void(Result<void>)>;

    virtual ~Pipe() = default;

    [[nodiscard]] virtual NodeId peer() const = 0;

    // Calls back once, later: with bytes, with empty bytes when the peer has finished, or with an
    // error when the connection is gone. One read at a time.
    virtual void read(Read done) = 0;

    // Calls back once, later, when the bytes are with the kernel. One write at a time.
    virtual void write(Bytes bytes, Written done) = 0;

    // No more writes follow. Reading goes on.
    virtual void finish() = 0;

    // Hangs up at once, both ways.
    virtual void close() = 0;
};

}  // namespace shoal::host
