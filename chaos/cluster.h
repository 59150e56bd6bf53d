// N agents in made-up weather: the other driver of node/agent.
//
// The law, numbered as in node/agent/agent.h: (1) take the next event; (2) its time is the clock;
// (3) step with exactly one input; (4) carry out the effects in order; (5) arm for wakeup(); (6)
// back to 1. Everything is drawn from the seed: same seed, same trace (invariant S17).
#pragma once

#include "chaos/network.h"
#include "chaos/world.h"
#include "node/agent/agent.h"
#include "node/base/trace.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <variant>
#include <vector>

namespace shoal::chaos {

struct ClusterOptions {
    std::uint32_t nodes = 3;
    Weather weather{};
    bool wire = true;      // every message through the real codec
    bool hostile = false;  // corrupted packets reach the decoder instead of being dropped as forged
    bool hash = true;      // keep the trace hash
    bool narrate = false;  // tell the run on standard output
    Duration sync_min = std::chrono::microseconds{200};
    Duration sync_max = std::chrono::milliseconds{4};
    placement::Resources capacity{4000, 8ULL << 30U};
    agent::Config agent{};
};

struct Counters {
    std::uint64_t kills = 0;
    std::uint64_t restarts = 0;
    std::uint64_t partitions = 0;
    std::uint64_t rollbacks = 0;
    std::uint64_t pauses = 0;
    std::uint64_t troubles = 0;  // runtimes gone for a while, disks nearly full
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
    std::uint64_t doubled = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t stream_messages = 0;
    std::uint64_t steps = 0;
    std::uint64_t writes_acked = 0;
    std::uint64_t placements = 0;
    std::uint64_t replacements = 0;
    std::uint64_t stops = 0;
    std::uint64_t illnesses = 0;
    std::uint64_t undecodable = 0;

    Counters& operator+=(const Counters& other);
};

// Sees every step; what it finds wrong ends the run.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void stepped(Instant now, const Machine& machine, const agent::Input& input,
                         const agent::Effects& effects) = 0;
    virtual void container_runs(Instant now, const Machine& machine,
                                const placement::ContainerId& id) = 0;
    virtual void check_passed(Instant now, const Machine& machine,
                              const placement::ContainerId& id) = 0;
};

class Cluster {
public:
    Cluster(const ClusterOptions& options, std::uint64_t seed);

    void set_observer(Observer* observer) { observer_ = observer; }

    // ---- time

    [[nodiscard]] Instant now() const { return now_; }

    void run_for(Duration duration);
    // True once `done` holds; asked every `cadence`.
    bool run_until(const std::function<bool()>& done, Duration limit,
                   Duration cadence = std::chrono::milliseconds{250});
    // Calls back at that time, from outside any node.
    void at(Instant when, std::function<void()> what);

    // ---- what can be done to machines

    void boot(Host host);        // (re)start the agent; the host comes up if it was down
    void kill_agent(Host host);  // containers run on
    void kill_host(Host host);   // containers die too
    void pause(Host host);
    void resume(Host host);
    // The runtime goes away, for that reason, or is back (empty); what runs runs on.
    void trouble_runtime(Host host, const std::string& why);
    void run_low(Host host, const std::string& disk);  // of space; empty: there is enough again
    void feed(Host host, agent::Input input);

    [[nodiscard]] Network& network() { return network_; }

    [[nodiscard]] Machine& machine(Host host) { return *machines_[host]; }

    [[nodiscard]] const std::vector<std::unique_ptr<Machine>>& machines() const {
        return machines_;
    }

    [[nodiscard]] Random& random() { return random_; }

    [[nodiscard]] Counters& counters() { return counters_; }

    [[nodiscard]] std::uint64_t trace() const { return trace_.value(); }

    [[nodiscard]] WallTime wall(const Machine& machine) const;

private:
    struct ForNode {
        Host host = 0;
        std::uint64_t instance = 0;  // 0: whichever process is there
        agent::Input input{};
    };

    struct Synced {  // the disk has this batch
        Host host = 0;
        std::uint64_t instance = 0;
        std::uint64_t batch = 0;
        Token token = 0;
    };

    struct Started {  // the runtime has this container running
        Host host = 0;
        placement::StartContainer request{};
    };

    struct Stopped {
        Host host = 0;
        placement::ContainerId id{};
    };

    struct Checked {
        Host host = 0;
        std::uint64_t instance = 0;
        placement::CheckContainer request{};
    };

    using What = std::variant<ForNode, Synced, Started, Stopped, Checked, std::function<void()>>;

    struct Event {
        Instant at{};
        std::uint64_t number = 0;
        std::shared_ptr<What> what{};

        friend bool operator>(const Event& a, const Event& b) {
            return a.at != b.at ? a.at > b.at : a.number > b.number;
        }
    };

    void schedule(Instant at, What what);
    void dispatch(What& what);
    void started(const Started& event);
    void checked(const Checked& event);
    void step(Machine& machine, const agent::Input& input);
    void carry_out(Machine& machine, const agent::Effects& effects);
    void arm(Machine& machine);

    void transmit(Machine& from, const agent::Transmit& effect);
    void send_datagram(Machine& from, Host to, const agent::Message& message);
    void send_stream(Machine& from, Host to, const agent::Message& message);
    std::optional<agent::Message> through_the_wire(const agent::Message& message,
                                                   agent::Channel channel, bool corrupted);
    void probe(Machine& from, const agent::ProbeStream& effect);
    void persist(Machine& machine, const agent::Persist& effect);
    void process_died(Machine& machine, bool host_too);
    void list_containers(Host host, std::uint64_t instance);
    [[nodiscard]] std::optional<Host> host_at(const Endpoint& endpoint) const;

    ClusterOptions options_;
    Random random_;
    Network network_;
    std::vector<std::unique_ptr<Machine>> machines_;
    std::map<Endpoint, Host> addresses_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t next_number_ = 0;
    Instant now_{};
    TraceHash trace_;
    Counters counters_;
    Observer* observer_ = nullptr;
};

}  // namespace shoal::chaos
