// The logs of one job, from every node that may have some.
//
// Each node answers for its own containers, a page at a time, and gives a cursor that says how far
// that was. A node that goes away keeps its cursor here, so when it is back nothing is missed or
// seen twice. Whoever is away is told of once, not at every attempt.
#pragma once

#include "cli/context.h"
#include "cli/log_line.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shoal::cli {

// How long pages of a node are fetched: what there is, or for as long as somebody follows. A
// replica may write faster than anybody reads.
enum class Until : std::uint8_t { Now, Stopped };

struct LogWish {
    std::string job{};
    std::optional<std::uint64_t> slot{};
    std::optional<std::uint64_t> tail{};
    std::optional<std::int64_t> since_ms{};  // of the wall clock
};

class LogNodes {
public:
    LogNodes(Context& context, LogWish wish, Until until);

    // Learns which nodes there are, and which may have something new. A failure if nobody says.
    Outcome<void> discover();

    // Asks every node that may have something. One alone may take `wait` until it has.
    void ask_all(std::chrono::milliseconds wait = {});

    // The last ask_all() took its time at a node: there is no need to wait here as well.
    [[nodiscard]] bool has_waited() const { return has_waited_; }

    // The earliest line nobody has taken yet. `more` pages of a node are fetched as needed, so all
    // of them never have to be held.
    std::optional<LogLine> take();

    // Has any node ever had a container of it?
    [[nodiscard]] bool anything() const;

private:
    struct Node {
        std::string id{};
        std::string name{};
        bool present = true;   // a member one may ask
        bool expected = true;  // may have something: it had, or a replica is there now
        bool had_containers = false;
        bool more = false;
        bool away = false;  // told so
        std::chrono::milliseconds ask_after{};
        std::optional<std::string> cursor{};
        std::string written{};  // when it had last written something, as first heard
        std::deque<LogLine> lines{};
    };

    Node& node_of(const Json& member);
    [[nodiscard]] std::set<std::string> nodes_of_job() const;
    [[nodiscard]] Request question(const Node& node, std::chrono::milliseconds wait) const;
    bool ask(Node& node, std::chrono::milliseconds wait);
    void learn(Node& node, const Json& page);
    void tell_away(Node& node, const std::string& why);

    Context& context_;
    LogWish wish_;
    Until until_;
    std::int64_t started_ms_ = 0;
    bool begun_ = false;  // everybody was asked once
    bool has_waited_ = false;
    std::vector<Node> nodes_{};
};

// The last lines of one replica on one node; none if they cannot be had.
[[nodiscard]] std::vector<LogLine> last_log_lines(Context& context, const LogWish& wish,
                                                  const std::string& node);

}  // namespace shoal::cli
