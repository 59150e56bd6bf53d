// How agents reach one another: sealed datagrams and sealed streams on one port.
//
// Everything is encrypted and authenticated under the cluster's key (keyring.h); there is no mode
// without. On streams both ends also prove by a signature which node they are; on datagrams any
// holder of the cluster's key could claim any sender until certificates exist. Byte by byte:
// docs/decisions/transport.md.
//
// One own connection per peer for sending; what peers send arrives on theirs. A connection that
// ends without a goodbye, whoever opened it, is told at once by on_stream_broken: a process that
// dies closes its sockets, and that is the fastest news of a death there is. Probes and relays have
// connections of their own, so a full queue never delays the question whether a peer lives.
//
// Runs wholly on the thread of the io_context; no call blocks. Everything a stranger can make grow
// is bounded by TransportLimits. Destroying it closes everything and calls nothing.
#pragma once

#include "node/base/signer.h"
#include "node/host/net/keyring.h"
#include "node/host/net/pipe.h"
#include "node/host/net/transport_types.h"

#include <asio/io_context.hpp>

#include <memory>
#include <vector>

namespace shoal::host {

class Transport {
public:
    using Relayed = std::function<void(Result<std::shared_ptr<Pipe>>)>;

    // `keys` and `signer` must outlive the transport.
    Transport(asio::io_context& loop, TransportConfig config, const KeyRing& keys,
              const Signer& signer, TransportEvents events);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // Binds and listens. Conflict: the port is in use (names it and the flag to change).
    [[nodiscard]] Result<void> start();

    // Closes everything without goodbyes, so that peers notice; no more events.
    void stop();

    // Where it listens, with the real port; valid after start().
    [[nodiscard]] std::vector<Endpoint> local() const;

    // At most kDatagramPayloadMax bytes; larger ones are counted as unsent. `to` zero: whoever is
    // there.
    void send_datagram(const NodeId& to, const Endpoint& at, ByteView payload);

    // Queues on the own connection to the peer, opened if there is none. `to` zero: whoever answers
    // at `at`. Loss is told by on_stream_broken.
    void send_stream(const NodeId& to, const Endpoint& at, Bytes payload);

    // Opens a fresh connection, answered by exactly one on_probe unless stopped.
    void probe(const NodeId& peer, const Endpoint& at, std::uint64_t question);

    // A pipe to the peer's on_relay handler.
    void open_relay(const NodeId& peer, const Endpoint& at, Relayed done);

    [[nodiscard]] const TransportCounters& counters() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace shoal::host
