// One sealed connection, from dial or accept to its end.
//
// Greetings, then introductions, then frames, each step under one deadline; nothing from a stranger
// reaches the owner. Whatever way it ends, the owner is told once, by on_end, unless the owner
// dropped it itself. Writing queues and never blocks; the owner bounds the queue by looking at
// queued().
#pragma once

#include "node/base/signer.h"
#include "node/host/net/frame.h"
#include "node/host/net/intro.h"
#include "node/host/net/keyring.h"
#include "node/host/net/transport_types.h"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace shoal::host {

// What all connections of one transport share; outlives them.
struct StreamContext {
    asio::io_context& loop;
    const TransportConfig& config;
    const KeyRing& keys;
    const Signer& signer;
    TransportCounters& counters;
    std::function<bool(const NodeId&)> heard;  // a datagram of this node, lately
};

enum class EndKind : std::uint8_t {
    Orderly,      // both sides said goodbye
    Broken,       // the peer's side closed or reset, or stopped acknowledging
    Garbled,      // bytes that do not open: a stranger, damage, or an attack
    TimedOut,     // not introduced in time
    Refused,      // nobody listens there
    Unreachable,  // could not connect for another reason
    Rejected,     // turned away, see reject
    WrongNode,    // another node than the one asked for, see peer()
    NotForUs,     // the caller wanted another node
    Ourselves,    // the connection leads back to this very process
};

struct StreamEnd {
    EndKind kind = EndKind::Broken;
    std::string why{};
    Reject reject = Reject::None;
    ProtoRange theirs{};
    std::optional<Stranger> stranger{};  // at the accepting side
};

class Stream : public std::enable_shared_from_this<Stream> {
public:
    struct Handlers {
        std::function<void(Stream&)> on_open{};
        std::function<void(Stream&, Bytes)> on_data{};
        std::function<void(Stream&)> on_goodbye{};  // the peer will send nothing more
        std::function<void(Stream&)> on_drained{};  // all that was queued is with the kernel
        std::function<void(Stream&, const StreamEnd&)> on_end{};
        std::function<void()> on_dropped{};  // by drop(); for the owner who did not call it
    };

    // Starts at once; handlers are called later.
    static std::shared_ptr<Stream> dial(const StreamContext& context, const Endpoint& at,
                                        const NodeId& wanted, Purpose purpose,
                                        std::chrono::milliseconds timeout, Handlers handlers);
    static std::shared_ptr<Stream> accept(const StreamContext& context,
                                          asio::ip::tcp::socket socket, const Endpoint& source,
                                          Handlers handlers);

    void send(Bytes payload);
    void goodbye();
    // Ends it at once without telling the owner.
    void drop();
    // For a stream whose use is known only once it is open.
    void set_handlers(Handlers handlers);
    // Ends it when all that is queued is written and the peer has gone, or after a while.
    void linger();
    // While paused nothing is read, so the peer's writes back up into its own queue.
    void pause();
    void resume();

    [[nodiscard]] bool is_open() const { return open_; }

    [[nodiscard]] std::size_t queued() const { return queued_; }

    // Zero until the introduction.
    [[nodiscard]] const NodeId& peer() const { return peer_.from; }

    [[nodiscard]] const Intro& introduction() const { return peer_; }

    [[nodiscard]] const Endpoint& at() const { return at_; }

    [[nodiscard]] std::chrono::steady_clock::time_point last_used() const { return last_used_; }

    Stream(const StreamContext& context, asio::ip::tcp::socket socket, Endpoint at,
           Handlers handlers);  // for dial and accept only

private:
    using Next = void (Stream::*)();

    // The way to being open; stream_handshake.cpp.
    void start_timer(std::chrono::milliseconds timeout);
    void connect();
    void call();
    void on_answer();
    void on_call();
    void turn_away(const Hello& call, const HelloReply& reply);
    void agree(const TransportKey& key);
    void send_intro(std::uint8_t flags);
    void on_intro();
    void check_caller();
    void check_answerer();
    void opened();
    [[nodiscard]] bool is_ourselves() const;

    // Bytes; stream.cpp.
    void tune();
    void shut();
    void read_hello(Next next);
    void read_head(std::size_t max, Next next);
    void read_rest(std::size_t length, Next next);
    void read_frames();
    void on_frame();
    void write_raw(ByteView bytes);
    void pump();
    void on_written(std::size_t bytes);
    void end(StreamEnd end);
    void end_by(const std::error_code& error);
    void garbled(std::string why);
    void maybe_over();

    const StreamContext& context_;
    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    Endpoint at_;
    std::shared_ptr<const Handlers> handlers_;  // shared: one may drop the stream it is called by

    bool caller_ = false;
    NodeId wanted_{};
    Purpose purpose_ = Purpose::Gossip;

    HelloBytes call_{};
    HelloBytes answer_{};
    SessionId session_{};
    std::optional<FrameSeal> seal_;
    std::optional<FrameSeal> unseal_;
    Intro peer_{};

    std::array<std::uint8_t, kFrameHead> head_{};
    Bytes rest_;

    struct Queued {
        FrameType type = FrameType::Data;
        Bytes payload{};
    };

    std::deque<Queued> queue_;
    std::size_t queued_ = 0;  // payload bytes not with the kernel yet
    Bytes raw_;               // greetings and introductions
    Bytes writing_;

    bool open_ = false;
    bool ended_ = false;
    bool busy_writing_ = false;
    bool paused_ = false;
    bool reading_ = false;
    bool lingering_ = false;
    bool goodbye_queued_ = false;
    bool goodbye_written_ = false;
    bool goodbye_read_ = false;
    std::optional<StreamEnd> ending_;  // once what is queued is written
    std::chrono::steady_clock::time_point last_used_{};
};

}  // namespace shoal::host
