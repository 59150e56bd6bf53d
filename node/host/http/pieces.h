// Writes a long run of bytes to a pipe a piece at a time.
//
// A pipe over a sealed stream queues whatever one write gives it, and a full queue costs the
// connection; and only a writer that hears of progress can tell a slow reader from a dead one.
#pragma once

#include "node/host/net/pipe.h"

#include <functional>
#include <memory>

namespace shoal::host::http {

// Both called later; `done` once, `progress` (may be empty) after each piece but the last.
void write_pieces(std::shared_ptr<Pipe> pipe, Bytes bytes, Pipe::Written done,
                  std::function<void()> progress);

}  // namespace shoal::host::http
