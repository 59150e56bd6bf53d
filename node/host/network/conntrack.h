// Forgetting flows the kernel still translates the old way.
//
// A translation is decided by the first packet of a flow and kept for as long as the flow lasts. A
// client that keeps sending datagrams to a published port would reach the address of a container
// that is gone for ever, or, having begun too early, nobody.
#pragma once

#include "node/host/network/publication.h"

#include <cstddef>
#include <vector>

namespace shoal::network {

// All flows that a container answers; returns how many there were. (Those it began itself end with
// it.) The kernel goes through its whole table: some 10 ms.
[[nodiscard]] Result<std::size_t> forget_flows_to(Ipv4 container);

// Flows of datagrams to a published port at one of `local`, the host's own addresses; through
// traffic to the same port elsewhere is left alone. (A TCP connection decides anew each time.)
[[nodiscard]] Result<std::size_t> forget_datagrams_to(const Publication& port,
                                                      const std::vector<Ipv4>& local);

// Flows of datagrams to addresses of `services` that one of `answerers` answers: a client that goes
// on sending would reach a replica that is gone for ever. No answerers: all such flows.
[[nodiscard]] Result<std::size_t> forget_datagrams_within(const Subnet& services,
                                                          const std::vector<Ipv4>& answerers);

}  // namespace shoal::network
