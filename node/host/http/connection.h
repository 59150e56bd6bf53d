// One caller: reads a request, has it answered, writes the answer, and again.
//
// Nothing is read while an answer is awaited or written, so a caller that pipelines is held back by
// its own socket. At every moment exactly one deadline runs.
//
// The server owns it; every callback it leaves anywhere holds it weakly. So dropping it hangs up,
// and an answer that comes later falls on the floor.
#pragma once

#include "node/host/http/admission.h"
#include "node/host/http/encode.h"
#include "node/host/http/limits.h"
#include "node/host/http/parser.h"
#include "node/host/net/pipe.h"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace shoal::host::http {

using Respond = std::function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

// What all connections of a server share.
struct ServerContext {
    asio::io_context& loop;
    HttpLimits limits{};
    Handler handler{};
    HttpCounters counters{};
    std::size_t held = 0;  // bytes of requests in memory
};

// Where the caller came in.
struct Door {
    Peer peer{};
    std::optional<TcpDoor> tcp{};  // what is asked of strangers; the others are known by the kernel
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<ServerContext> server, std::shared_ptr<Pipe> pipe, Door door,
               std::function<void()> ended);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();

    // Instead of start(): says why and hangs up.
    void turn_away(const Refusal& refusal);

private:
    using Clock = std::chrono::steady_clock;
    class Ticket;

    enum class State : std::uint8_t {
        Reading,     //
        Continuing,  // writing "100 Continue"
        Answering,   // the handler has the request
        Writing,     // its answer, or a refusal
        Closing,     // all is said; throws away what still arrives
        Closed,
    };

    enum class Stage : std::uint8_t { Idle, Head, Body };  // of reading

    void read();
    void on_read(const Result<Bytes>& got);
    void on_discarded(const Result<Bytes>& got);
    void advance();
    [[nodiscard]] std::optional<Refusal> check_head() const;
    void on_head();
    void go_on();
    void hand_over();
    void answer(std::uint64_t turn, const Response& response);
    void refuse(const Refusal& refusal);
    void send(const Response& response, Ending ending);
    void on_sent(const Result<void>& written);
    void next_request();
    void close_gently();
    void end();
    void account();
    void set_deadline(Clock::time_point at);
    void set_deadline(std::chrono::milliseconds in);
    void on_deadline();

    std::shared_ptr<ServerContext> server_;
    std::shared_ptr<Pipe> pipe_;
    Door door_;
    std::function<void()> ended_;
    RequestParser parser_;
    asio::steady_timer timer_;
    State state_ = State::Reading;
    Stage stage_ = Stage::Head;
    Clock::time_point began_ = Clock::now();  // the request being read
    bool reading_ = false;                    // the pipe has a read of ours
    std::uint64_t turn_ = 0;                  // counts answers: a late one is not the next one's
    bool keep_alive_ = false;                 // the caller may ask again after this answer
    bool head_only_ = false;                  // the request is a HEAD
    Ending ending_ = Ending::Close;           // of the answer being written
    std::size_t asked_ = 0;                   // body bytes with the handler
    std::size_t accounted_ = 0;               // our share of ServerContext::held
    std::size_t discarded_ = 0;
};

}  // namespace shoal::host::http
